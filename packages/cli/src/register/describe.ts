/** Commands that print how to speak to the platform. */
import type { Command } from 'commander';
import { json, unusedUrl } from './options.ts';

export function registerDescribe(program: Command): void {
  program.commandsGroup('Describe:');
  const always = 'printed as JSON in any case';

  program
    .command('asyncapi')
    .description('the AsyncAPI 3 document of every topic and event, as JSON')
    .addOption(json(always))
    .addOption(unusedUrl())
    .action(async () => (await import('../commands/describe.ts')).printAsyncapi());

  program
    .command('openapi')
    .description('the OpenAPI document of every route, as JSON; needs no running platform')
    .addOption(json(always))
    .addOption(unusedUrl())
    .action(async () => (await import('../commands/describe.ts')).printOpenapi());
}
