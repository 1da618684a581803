/** docs/sending-calls.md over HTTP; kcat.int.ts has what it says of Kafka. */
import { existsSync } from 'node:fs';
import { AgentStateIntake, CallIntake, TOPICS, Transcript } from '@coachloop/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInProcess } from './harness/in-process.ts';
import { blocksOf, follow, guide, SCORED, untilItPrints } from './harness/sending-calls.ts';

const hasTools = ['bash', 'curl'].every((name) =>
  ['/bin', '/usr/bin', '/usr/local/bin'].some((folder) => existsSync(`${folder}/${name}`)),
);

let platform: Awaited<ReturnType<typeof startInProcess>>;
beforeAll(async () => {
  platform = await startInProcess();
});
afterAll(() => platform.stop());

/** More calls of today than a page of the list has, all later than the guide's. */
async function makeBusy(url: string): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const queued = Array.from({ length: 250 }, (_, i) => ({
    ...{ specversion: '1.0', id: `busy-${i}`, source: 'urn:test:busy', type: 'call.queued', time: `${day}T00:30:00Z` },
    data: { callId: `busy-${i}` },
  }));
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  const response = await fetch(`${url}/ingest/v1/events`, { method: 'POST', headers, body: JSON.stringify(queued) });
  expect(await response.json()).toMatchObject({ accepted: queued.length });
}

test.skipIf(!hasTools)(
  'its call is taken, known when it comes again, and scored as it says; its mistake is refused (needs bash and curl)',
  async () => {
    const [setUp = ''] = blocksOf('');
    const [send = ''] = blocksOf('Over HTTP');
    const [look = ''] = blocksOf('Its score');
    const [wrong = ''] = blocksOf('What is wrong');
    const url = platform.url;
    await makeBusy(url);
    const [, sent = '', again = '', seen = '', refused = ''] = await follow(
      [setUp, send, send, untilItPrints(SCORED, look), wrong],
      { COACHLOOP_URL: url },
    );
    expect(guide).toContain(sent);
    expect(JSON.parse(again)).toEqual({ accepted: 0, duplicate: 4, rejected: [] });

    const [page = '', line = '', address = ''] = seen.trim().split('\n');
    const [evaluation] = JSON.parse(page).items;
    expect(evaluation).toMatchObject({ agentKey: 'agent-17', score: 96.59, passed: true });
    const notMet = evaluation.answers.filter(({ value }: { value: string }) => value === 'no');
    expect(notMet).toMatchObject([{ questionId: 'speech-rate', evidence: [{ text: expect.stringMatching(/^204 /) }] }]);
    expect(JSON.parse(line)).toMatchObject({ type: 'qa.evaluation.completed', data: { score: 96.59 } });
    expect(address).toBe(`${url}/calls/${evaluation.callId}`);
    expect(guide).toContain('"score":96.59,"passMark":75,"passed":true');

    const { status, code, detail } = JSON.parse(refused);
    expect({ status, code }).toEqual({ status: 422, code: 'EVENT_DATA_INVALID' });
    const quoted = JSON.stringify(detail.split(' Correct')[0]).slice(1, -1);
    expect(guide).toContain(`"status":422,"code":"EVENT_DATA_INVALID","detail":"${quoted}`);
  },
  120_000,
);

test('its table has every type, with what is required beside the id; its lists have every word', () => {
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
  const types = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, type]) => type));
  expect(types.toSorted()).toEqual(Object.keys(TOPICS['call-intake'].events).toSorted());
  for (const [type, schema] of [...Object.entries(CallIntake), ['agent.state.changed', AgentStateIntake] as const]) {
    const row = rows.find((line) => line.includes(`\`${type}\``)) ?? '';
    const required = (schema.required as readonly string[]).filter((name) => name !== 'callId');
    for (const name of required) expect(row, type).toMatch(new RegExp(`\`${name}\\b`));
    expect(row.includes('**required**'), type).toBe(required.length > 0);
  }
  const { timing, segments } = Transcript.properties;
  const intake = CallIntake['call.queued'].properties;
  const enums = [timing, segments.items.properties.speaker, intake.channel, intake.direction];
  for (const word of [...enums, AgentStateIntake.properties.state].flatMap((each) => each.enum))
    expect(guide).toContain(`\`${word}\``);
});
