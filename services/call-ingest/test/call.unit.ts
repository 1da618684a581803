import { agentIdOf, customerHashOf, UNASSIGNED_AGENT } from '@coachloop/contracts';
import { describe, expect, it } from 'vitest';
import { at, event, run, SOURCE, T0, words } from './given.ts';

const types = (emitted: readonly { type: string }[]) => emitted.map(({ type }) => type);

const whole = [
  event('call.queued', 0, { queue: 'billing', direction: 'inbound' }),
  event('call.ringing', 10, { agentId: 'a-1' }),
  event('call.answered', 14, { agentId: 'a-1', agentName: 'Ann' }),
  event('call.held', 60),
  event('call.unheld', 75),
  event('call.ended', 114),
  event('call.wrapup.ended', 134),
  event('transcript.completed', 140, words('Hello, this is Ann.', 'Hello.')),
];

describe('a whole call', () => {
  const { emitted, records, wakeAt } = run(whole);

  it('publishes each event and, once end and transcript are there, the record', () => {
    expect(types(emitted)).toEqual([...whole.map(({ type }) => type), 'call.completed']);
    expect(wakeAt).toBeNull();
  });

  it('has its times from the events', () => {
    expect(records[0]).toMatchObject({
      startedAt: at(0),
      answeredAt: at(14),
      endedAt: at(114),
      waitSeconds: 14,
      ringSeconds: 4,
      talkSeconds: 85,
      holdSeconds: 15,
      wrapupSeconds: 20,
      holds: [{ startMs: 60_000, endMs: 75_000 }],
      transfers: 0,
      missing: [],
      agentId: agentIdOf(SOURCE, 'a-1'),
      agentName: 'Ann',
      queue: 'billing',
    });
  });

  it('moves through its stages without a gap, so that who counts by stage counts exactly', () => {
    const stages = emitted.map(({ data }) => (data as { stage: { from: string; to: string } }).stage);
    expect(stages.map(({ to }) => to)).toEqual([
      'queued',
      'ringing',
      'talking',
      'held',
      'talking',
      'wrapup',
      'done',
      'done',
      'done',
    ]);
    expect(stages.map(({ from }) => from)).toEqual(['none', ...stages.slice(0, -1).map(({ to }) => to)]);
  });
});

describe('a call of which something is missing', () => {
  it('is completed without transcript when the wait runs out, and revised when it comes', () => {
    const late = run([event('call.ended', 10), event('transcript.completed', 700, words('Hi.'))], [0, 700_000]);
    expect(types(late.emitted)).toEqual(['call.ended', 'call.completed', 'transcript.completed', 'call.revised']);
    expect(late.records.map(({ missing, revision }) => ({ missing, revision }))).toEqual([
      { missing: ['transcript'], revision: 1 },
      { missing: [], revision: 2 },
    ]);
  });

  it('waits no longer because other events come meanwhile', () => {
    const held = run(
      [event('call.ended', 10), event('call.wrapup.ended', 20), event('call.held', 5)],
      [0, 300_000, 299_000],
    );
    expect(held.wakeAt).toBe(T0 + 3_600_000 + 600_000);
  });

  it('drops the segments once the whole transcript is there, whichever comes first', () => {
    const segment = event('transcript.segment', 1, { index: 0, speaker: 'agent', text: 'Hi.' });
    const transcript = event('transcript.completed', 2, words('Hi.'));
    for (const order of [
      [segment, transcript],
      [transcript, segment],
    ])
      expect(run(order).state.facts.segments).toEqual([]);
  });

  it('is completed without record when only the transcript came', () => {
    const { records } = run([event('transcript.completed', 10, words('Hi.'))]);
    expect(records).toMatchObject([{ missing: ['record'], revision: 1 }]);
  });

  it('takes segments for the transcript when nothing else comes', () => {
    const spoken = { speaker: 'agent' as const, text: 'Hi.', startMs: 0, endMs: 900 };
    const { records } = run([event('transcript.segment', 1, { index: 3, ...spoken }), event('call.ended', 10)]);
    expect(records[0]).toMatchObject({ missing: [], transcript: { timing: 'measured', segments: [{ index: 0 }] } });
  });

  it('that never ends is completed a day after it was last heard of', () => {
    const never = run([event('call.answered', 0, { agentId: 'a-1' }), event('call.held', 30)]);
    expect(never.wakeAt).toBe(T0 + 3_600_000 + 2_000 + 24 * 3_600_000);
    expect(never.records).toMatchObject([{ missing: ['transcript', 'record'], stage: { from: 'held', to: 'done' } }]);
  });

  it('has no figures for what nobody said', () => {
    const [record] = run([event('call.ended', 10), event('transcript.completed', 11, words('Hi.'))]).records;
    for (const figure of ['waitSeconds', 'ringSeconds', 'talkSeconds', 'holdSeconds', 'wrapupSeconds', 'answeredAt'])
      expect(record).not.toHaveProperty(figure);
    expect(record?.agentId).toBe(UNASSIGNED_AGENT);
  });
});

describe('an abandoned call', () => {
  it('is complete at once, without a transcript and without an agent', () => {
    const { records } = run([
      event('call.queued', 0),
      event('call.ringing', 5, { agentId: 'a-1' }),
      event('call.abandoned', 30),
    ]);
    expect(records).toMatchObject([
      {
        abandoned: true,
        waitSeconds: 30,
        missing: [],
        transcript: null,
        agentId: UNASSIGNED_AGENT,
        stage: { to: 'abandoned' },
      },
    ]);
  });

  it('was none when an answer comes in late', () => {
    const { records } = run([event('call.abandoned', 30), event('call.answered', 20, { agentId: 'a-1' })]);
    expect(records.map(({ abandoned, missing }) => ({ abandoned, missing }))).toEqual([
      { abandoned: true, missing: [] },
      { abandoned: false, missing: ['transcript'] },
    ]);
  });
});

describe('the agent of a call', () => {
  it('is the last one who answered or was given the call', () => {
    const { records } = run([
      event('call.answered', 0, { agentId: 'a-1' }),
      event('call.transferred', 50, { agentId: 'a-1', toAgentId: 'a-2' }),
      event('call.ended', 90, { agentId: 'a-3' }),
    ]);
    expect(records[0]).toMatchObject({ agentKey: 'a-2', transfers: 1 });
  });
});

describe('a broken clock', () => {
  it('makes figures unknown, never negative', () => {
    const { records } = run([
      event('call.queued', 50),
      event('call.answered', 40),
      event('call.ended', 20),
      event('call.wrapup.ended', 10),
    ]);
    for (const figure of ['waitSeconds', 'talkSeconds', 'wrapupSeconds']) expect(records[0]).not.toHaveProperty(figure);
    expect(records[0]).toMatchObject({ startedAt: at(10), endedAt: at(20) });
  });

  it.each([
    ['/at', { at: '2031-01-01T00:00:00Z' }, 'EVENT_TIME_FUTURE'],
    ['/at', { at: '1999-12-31T23:59:59Z' }, 'EVENT_TIME_ANCIENT'],
    ['/startedAt', { startedAt: '1970-01-01T00:00:00Z' }, 'EVENT_TIME_ANCIENT'],
  ])('is refused with the field: %s', (pointer, data, code) => {
    expect(() => run([event('call.ended', 0, data)])).toThrowError(expect.objectContaining({ code, pointer }));
  });
});

describe('late and repeated statements', () => {
  it('revise the record only when it changes', () => {
    const survey = { score: 4, scale: { min: 1, max: 5 } };
    const { emitted, records } = run([
      ...whole,
      event('survey.answered', 200, survey),
      event('survey.answered', 201, survey),
      event('survey.answered', 150, { ...survey, score: 1 }),
    ]);
    expect(types(emitted.slice(whole.length + 1))).toEqual([
      'survey.answered',
      'call.revised',
      'survey.answered',
      'survey.answered',
    ]);
    expect(records.at(-1)).toMatchObject({ revision: 2, survey });
  });
});

describe('personal data', () => {
  it('of the customer is hashed before it is stored or published', () => {
    const { state, emitted, records } = run([event('call.abandoned', 0, { customerId: '+44 20 7946 0000' })]);
    expect(JSON.stringify([state, emitted])).not.toContain('7946');
    expect(records[0]?.customerHash).toBe(customerHashOf('test-key', '+44 20 7946 0000'));
  });
});

describe('the language', () => {
  it.each([
    [['您好，请问有什么可以帮您？', '我想查 VIP 账单'], 'zh'],
    [['もしもし、お電話ありがとうございます'], undefined],
    [['Hello there', 'Yes'], undefined],
  ])('is told by the script where nobody says it: %s', (texts, language) => {
    const { records } = run([event('call.ended', 0), event('transcript.completed', 1, words(...texts))]);
    expect(records[0]?.language).toBe(language);
  });
});

describe('the bounds of a call', () => {
  const segment = (index: number, text = 'x') =>
    event('transcript.segment', index, { index, speaker: 'agent' as const, text });

  it('refuse one segment too many, and more words than a day has', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({
      index,
      speaker: 'agent' as const,
      text: 'y'.repeat(200),
    }));
    expect(() =>
      run([event('transcript.completed', 0, { transcript: { timing: 'none', segments: many } })]),
    ).toThrowError(expect.objectContaining({ code: 'CALL_TRANSCRIPT_TOO_LONG', status: 422 }));
    expect(() => run(Array.from({ length: 32 }, (_, index) => segment(index, 'y'.repeat(19_999))))).toThrowError(
      expect.objectContaining({ code: 'CALL_TRANSCRIPT_TOO_LONG' }),
    );
  });

  it('refuse the 201st hold', () => {
    const holds = Array.from({ length: 201 }, (_, index) => event('call.held', index));
    expect(run(holds.slice(1)).records).toHaveLength(1);
    expect(() => run(holds)).toThrowError(expect.objectContaining({ code: 'CALL_TOO_MANY_HOLDS' }));
  });
});
