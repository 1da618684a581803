/** Recordings along a running clock: each becomes a call of one of the agents, and the loop goes on with them. */
import { afterAll, expect, it } from 'vitest';
import type { CaseSummary } from '../src/commands/cases.ts';
import { cleanUp, json, start, temporaryFolder, until } from './harness/command.ts';
import { writeVcons } from './harness/samples.ts';

const RECORDINGS = 12;
const recordings = temporaryFolder();
writeVcons(recordings, RECORDINGS);
afterAll(cleanUp, 30_000);

it('plays a folder along a fast clock, in which agents take their courses', { timeout: 120_000 }, async () => {
  const own = start(
    ['replay', recordings, '--agents', '2', '--rounds', '20', '--speed', '5000', '--port', '0', '--data', 'replay'],
    { cwd: temporaryFolder() },
  );
  let stderr = '';
  own.stderr?.on('data', (chunk: string) => {
    stderr += chunk;
  });
  const url = await until(async () => /ready after .*: (http:\/\/\S+)\s/.exec(stderr)?.[1]);

  // A second one feeds the same platform, on its clock: other calls, although the recordings are the same.
  const calls = 2 * RECORDINGS;
  expect(await json(['replay', recordings, '--agents', '3', '--rounds', '2', '--url', url])).toEqual({
    ...{ recordings: calls, calls },
    ...{ accepted: calls, duplicate: 0, rejected: 0 },
  });
  const learnt = await until(async () => {
    const answer = await fetch(`${url}/training/v1/cases`);
    const { items } = (await answer.json()) as { items: CaseSummary[] };
    return items.find(({ stage }) => stage !== 'assigned' && stage !== 'in-training');
  });
  expect(learnt.agentKey).toMatch(/^R0[123]$/);

  const ended = new Promise((resolve) => own.once('exit', resolve));
  own.kill('SIGINT');
  expect(await ended).toBe(0);
});
