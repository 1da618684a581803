/** Commands that show what came of the calls. */
import type { Command } from 'commander';
import { whole } from '../arguments.ts';
import { json, unusedUrl, url } from './options.ts';

export function registerLook(program: Command): void {
  program.commandsGroup('See what came of them:');

  program
    .command('score')
    .description('score the calls of a file, without a server: each question with its evidence')
    .argument('<file>', 'a vCon, or a call record as JSON (the data of `call.completed`)')
    .option(
      '--form <form>',
      'id of a default form (en.voice, zh.chat/1 …) or a .yaml file; default: by language and channel',
    )
    .addOption(json('an array with one evaluation per call'))
    .addOption(unusedUrl())
    .action(async (file, options) => (await import('../commands/score.ts')).score(file, options));

  program
    .command('cases')
    .description('remediation cases, newest first')
    .option('--agent <agent>', "our id of the agent, or the platform's")
    .option('--stage <stage>', 'where the case is: assigned, in-training, re-evaluating, closed …')
    .option('--limit <n>', 'at most so many', whole(1, 1_000_000), 200)
    .addOption(url())
    .addOption(json('an array'))
    .action(async (options) => (await import('../commands/cases.ts')).cases(options));

  program
    .command('why')
    .description('the whole chain of a case: calls, criteria, evidence, rule, course, later calls, outcome')
    .argument('<case>', 'id of the case')
    .addOption(url())
    .addOption(json())
    .action(async (id, options) => (await import('../commands/why.ts')).why(id, options));

  program
    .command('events')
    .description('public events as CloudEvents, one JSON document per line')
    .option('--types <types>', 'comma-separated, with * at the end: training.*,qa.evaluation.completed')
    .option('--from <where>', 'start, now, a time (ISO 8601), or a cursor', 'start')
    .option('--follow', 'go on with what comes, until stopped')
    .addOption(url())
    .addOption(json('one document per line in any case'))
    .action(async (options) => (await import('../commands/events.ts')).events(options));
}
