/** Whatever is sent: a 4xx problem that names the field, or a report; never a 5xx, and the service goes on. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INTAKE_SCHEMAS } from '../src/domain/aggregates.ts';
import { type Answer, good, type Ingest, startIngest } from './harness.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.stop());

const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const RUNS = { numRuns: 150 };
let used = 0;
const fresh = () => {
  used += 1;
  return `fresh-${used}`;
};

function refused(answer: Answer, pointer?: string): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.type).toContain('application/problem+json');
  expect(answer.body.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
  expect(answer.body.detail).toBeTruthy();
  if (pointer !== undefined) expect(answer.body.pointer).toBe(pointer);
}
const healthy = async () => expect((await ingest.event(good({ id: fresh() }))).status).toBe(202);
const send = (text: string | Buffer, headers: Record<string, string> = STRUCTURED) =>
  ingest.post('/ingest/v1/events', text, headers);

describe('bad input over HTTP', () => {
  it('malformed JSON: cut off anywhere', async () => {
    const text = JSON.stringify(good());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: text.length - 1 }), async (at) =>
        refused(await send(text.slice(0, at))),
      ),
      RUNS,
    );
    await healthy();
  });

  it('bytes that are no UTF-8, and any bytes at all', async () => {
    refused(await send(Buffer.from([0x7b, 0xff, 0x7d])));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => refused(await send(Buffer.from(bytes)))),
      RUNS,
    );
  });

  it('any JSON at all, as an event, a batch, its data, a vCon', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        refused(await ingest.event(value));
        if (!Array.isArray(value)) refused(await ingest.batch(value));
        refused(await ingest.event(good({ id: fresh(), data: value })));
        if (!Array.isArray(value)) refused(await ingest.vcon(value));
      }),
      RUNS,
    );
    await healthy();
  });

  it('wrong types and values in any field of any event type', async () => {
    const wrong = fc.constantFrom<unknown>(null, [], {}, true, 1e308, -1, '\u0000'.repeat(30_000));
    const field = fc.constantFrom(
      'callId',
      'at',
      'agentName',
      'channel',
      'openCases',
      'customerId',
      'startedAt',
      'queue',
    );
    const type = fc.constantFrom(...Object.keys(INTAKE_SCHEMAS).filter((name) => name !== 'agent.state.changed'));
    await fc.assert(
      fc.asyncProperty(type, field, wrong, async (name, key, value) => {
        fc.pre(!(key === 'openCases' && value === true));
        const answer = await ingest.event(good({ id: fresh(), type: name }, { [key]: value }));
        refused(answer);
        expect(answer.body.pointer).toMatch(/^\/data\//);
      }),
      RUNS,
    );
  });

  it('deep nesting, in known and unknown fields', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 80, max: 100_000 }), fc.boolean(), async (depth, lists) => {
        const deep = lists ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
        refused(await send(JSON.stringify(good({ id: fresh() })).replace('"c-1"', `"c-1","x":${deep}`)));
        refused(await ingest.post('/ingest/v1/vcons', `{"dialog":${deep}}`, { 'content-type': 'application/json' }));
      }),
      { numRuns: 20 },
    );
  });

  it('huge numbers', async () => {
    const huge = fc.constantFrom('1e999', '-1e999', '9'.repeat(400), '1e308');
    await fc.assert(
      fc.asyncProperty(huge, async (number) => {
        const text = JSON.stringify(good({ id: fresh(), type: 'call.answered' }, { waitSeconds: 0 }));
        refused(await send(text.replace('"waitSeconds":0', `"waitSeconds":${number}`)), '/data/waitSeconds');
        const vcon = `{"uuid":"u","dialog":[{"type":"recording","start":${number},"duration":${number}}]}`;
        refused(await ingest.post('/ingest/v1/vcons', vcon, { 'content-type': 'application/json' }));
      }),
      RUNS,
    );
  });

  it('half surrogate pairs, wherever a text may be', async () => {
    const half = fc.constantFrom('\\ud800', 'x\\udfffy', '\\udc00\\ud800');
    const place = fc.constantFrom('callId', 'agentName', 'agentId', 'queue', 'customerId', 'unknown');
    await fc.assert(
      fc.asyncProperty(half, place, async (text, key) => {
        const event = JSON.stringify(good({ id: fresh() }, { [key]: 'HALF' })).replace('HALF', text);
        refused(await send(event), `/data/${key}`);
        refused(await send(JSON.stringify(good({ id: 'HALF' })).replace('HALF', text)), '/id');
        const vcon = `{"uuid":"u","dialog":[{"type":"text","start":"2026-05-04T09:00:00Z","body":"${text}"}]}`;
        const answer = await ingest.post('/ingest/v1/vcons', vcon, { 'content-type': 'application/json' });
        refused(answer, '/dialog/0/body');
      }),
      RUNS,
    );
  });

  it('unknown event types and unknown specversions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[a-z][a-z.]{0,30}$/), async (word) => {
        refused(await ingest.event(good({ id: fresh(), type: `x.${word}` })), '/type');
        refused(await ingest.event(good({ id: fresh(), specversion: word })), '/specversion');
      }),
      RUNS,
    );
    for (const type of ['constructor', '__proto__', 'toString', 'call.completed'])
      refused(await ingest.event(good({ id: fresh(), type })), '/type');
  });

  it('ancient, future and impossible times', async () => {
    const ancient = fc.date({ min: new Date(0), max: new Date('2000-01-01T00:00:00Z'), noInvalidDate: true });
    const future = fc.date({
      min: new Date('2026-05-05T12:00:01Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    const impossible = fc.constantFrom(
      '2026-02-30T10:00:00Z',
      '2026-05-04T25:00:00Z',
      '2026-05-04',
      'soon',
      '2026-05-04T10:00:00',
    );
    const time = fc.oneof(
      ancient.map((date) => date.toISOString()),
      future.map((date) => date.toISOString()),
      impossible,
    );
    await fc.assert(
      fc.asyncProperty(time, async (moment) => {
        refused(await ingest.event(good({ id: fresh(), time: moment })), '/time');
        refused(await ingest.event(good({ id: fresh() }, { at: moment })), '/data/at');
        refused(await ingest.event(good({ id: fresh() }, { startedAt: moment })), '/data/startedAt');
      }),
      RUNS,
    );
  });

  it('ids that were used before with other content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.uuid(), async (id, name) => {
        const first = { ...good({ id, source: fresh() }) };
        expect((await ingest.event(first)).status).toBe(202);
        refused(await ingest.event({ ...first, data: { callId: 'c-1', agentName: name } }), '/id');
        expect((await ingest.event(first)).body).toMatchObject({ duplicate: 1 });
      }),
      RUNS,
    );
  });

  it('sources, ids and names at their bounds are taken, one more is refused', async () => {
    const cases = [
      [{ source: 's'.repeat(500) }, {}, { source: 's'.repeat(501) }, {}, '/source'],
      [{ id: 'i'.repeat(200) }, {}, { id: 'i'.repeat(201) }, {}, '/id'],
      [{}, { callId: 'c'.repeat(200) }, {}, { callId: 'c'.repeat(201) }, '/data/callId'],
    ] as const;
    for (const [event, data, over, dataOver, pointer] of cases) {
      expect((await ingest.event(good({ id: fresh(), type: 'call.abandoned', ...event }, data))).status).toBe(202);
      refused(await ingest.event(good({ id: fresh(), ...over }, dataOver)), pointer);
    }
    await ingest.published();
  });

  it('a content type that is none of ours', async () => {
    refused(await send('{}', { 'content-type': 'text/plain' }));
    refused(await send('{}', {}));
    refused(await send('', {}));
    refused(await ingest.post('/ingest/v1/vcons', '{}', { 'content-type': 'text/plain' }));
    refused(await ingest.post('/ingest/v1/vcons', undefined, { 'content-type': 'application/json' }));
  });
});
