import type { CallIntakeData } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapVcon } from '../src/sources/vcon/source.ts';
import { inferAlternating, inferByLabel } from '../src/sources/vcon/speakers.ts';
import { readTime } from '../src/sources/vcon/time.ts';

const OPTIONS = { source: 'vcon', openCases: false };
const map = (vcon: unknown) => mapVcon(vcon, OPTIONS);
const PARTIES = [
  { role: 'agent', name: 'Ann', mailto: 'ann@firm.example' },
  { role: 'contact', tel: 'tel:+15550100', name: 'Cy', id: 'made-up-7' },
];
const vcon = (dialog: unknown[], rest: object = {}) => ({
  vcon: '0.0.1',
  uuid: 'v-1',
  created_at: '2026-03-02T10:00:00Z',
  parties: PARTIES,
  dialog,
  ...rest,
});
const message = (originator: number, minute: number, body: string) => ({
  type: 'text',
  start: `2026-03-02T09:0${minute}:00-05:00`,
  parties: [originator],
  originator,
  mimetype: 'text/plain',
  body,
});
const recording = {
  type: 'recording',
  start: '2026-03-02T09:00:00Z',
  duration: 60,
  parties: [0, 1],
  mimetype: 'audio/x-wav',
};
const CONVERSATION = [
  'Good day, thank you for calling the firm, how can I help you?',
  'My bill is wrong.',
  'May I have your account number, please?',
  'One two three.',
  'Corrected. Is there anything else I can help you with?',
  'No.',
];
const spoken = (body: unknown, rest: object = {}) => ({
  type: 'transcript',
  dialog: 0,
  body,
  encoding: 'none',
  ...rest,
});

const transcriptOf = (mapped: ReturnType<typeof map>, call = 0) => {
  const event = mapped.calls[call]?.events.find(({ type }) => type === 'transcript.completed');
  return (event?.data as CallIntakeData<'transcript.completed'> | undefined)?.transcript;
};
const dataOf = (mapped: ReturnType<typeof map>, type: string) =>
  mapped.calls[0]?.events.find((event) => event.type === type)?.data;

describe('a chat', () => {
  const mapped = map(vcon([message(1, 2, 'Are you there?'), message(0, 3, 'Hello.'), message(1, 1, 'Hi.')]));

  it('is one call of all its messages, in the order of sending', () => {
    expect(mapped.calls.map(({ sourceCallId, path }) => [sourceCallId, path])).toEqual([['v-1', '/dialog/0']]);
    expect(transcriptOf(mapped)).toMatchObject({
      timing: 'sent',
      speakers: 'stated',
      segments: [
        { text: 'Hi.', speaker: 'customer', startMs: 0, endMs: 0 },
        { text: 'Are you there?', startMs: 60_000 },
        { text: 'Hello.', speaker: 'agent' },
      ],
    });
  });

  it('was answered with the first message of the agent; who it was is known by role', () => {
    expect(dataOf(mapped, 'call.answered')).toMatchObject({
      at: '2026-03-02T14:03:00.000Z',
      startedAt: '2026-03-02T14:01:00.000Z',
      agentId: 'ann@firm.example',
      agentName: 'Ann',
      channel: 'chat',
      customerId: '+15550100',
    });
  });
});

describe('a recording', () => {
  it('lasts as long as it says, in the direction that it says', () => {
    const mapped = map(
      vcon([{ ...recording, meta: { direction: 'out' } }], { analysis: [spoken(CONVERSATION.join('\n\n'))] }),
    );
    expect(dataOf(mapped, 'call.ended')).toMatchObject({
      at: '2026-03-02T09:01:00.000Z',
      direction: 'outbound',
      channel: 'voice',
    });
    expect(dataOf(mapped, 'call.answered')).toMatchObject({ at: '2026-03-02T09:00:00.000Z' });
  });

  it('of unknown length says nothing of its length', () => {
    const mapped = map(
      vcon([{ type: 'text', start: '2026-03-02T09:00:00Z' }], { analysis: [spoken({ transcript: 'Hi.' })] }),
    );
    expect(mapped.calls[0]?.events.map(({ type }) => type)).toEqual(['call.ended', 'transcript.completed']);
  });

  it.each([
    ['text', CONVERSATION.join('\n\n')],
    [
      'an object with its language',
      { transcript: CONVERSATION.join('\n\n'), confidence: 0.9, detected_language: 'en' },
    ],
    ['JSON in a string', JSON.stringify({ transcript: CONVERSATION.join('\n\n') })],
  ])('has its transcript as %s, speakers inferred', (_, body) => {
    const transcript = transcriptOf(map(vcon([recording], { analysis: [spoken(body)] })));
    expect(transcript?.speakers).toBe('inferred');
    expect(transcript?.segments.map(({ speaker }) => speaker[0]).join('')).toBe('acacau');
    expect(transcript?.segments.map(({ text }) => text)).toEqual(CONVERSATION);
  });

  it.each([
    ['base64url', Buffer.from('Agent: Hello.\nCustomer: Hi.').toString('base64url'), 'base64url', 'none'],
    ['labelled lines', 'Ann: Hello.\nCy: Hi.', 'none', 'none'],
    [
      'segments',
      {
        segments: [
          { speaker: 'Agent', text: 'Hello.', start: 0.5, end: '1.25s' },
          { speaker: 'Customer', text: 'Hi.', start: 2, end: 3 },
        ],
      },
      'none',
      'measured',
    ],
  ])('states its speakers in %s', (_, body, encoding, timing) => {
    const transcript = transcriptOf(map(vcon([recording], { analysis: [spoken(body, { encoding })] })));
    expect(transcript).toMatchObject({ speakers: 'stated', timing });
    expect(transcript?.segments.map(({ speaker, text }) => [speaker, text])).toEqual([
      ['agent', 'Hello.'],
      ['customer', 'Hi.'],
    ]);
  });

  it('prefers the transcript that has times', () => {
    const timed = spoken([{ text: 'Timed.', start: 1, end: 2 }], { type: 'diarized' });
    expect(transcriptOf(map(vcon([recording], { analysis: [spoken('Untimed.'), timed] })))?.segments).toEqual([
      { index: 0, speaker: 'unknown', text: 'Timed.', startMs: 1_000, endMs: 2_000 },
    ]);
  });

  it('cuts a turn that is too long without losing a character of it', () => {
    const long = `${'word '.repeat(9_000)}end`;
    const segments = transcriptOf(map(vcon([recording], { analysis: [spoken(long)] })))?.segments ?? [];
    expect(segments.length).toBeGreaterThan(1);
    expect(segments.map(({ text }) => text).join(' ')).toBe(long);
  });
});

describe('the calls of a vCon', () => {
  it('are one per recording, the first named by the uuid; a transfer is counted where it began', () => {
    const transfer = { type: 'transfer', start: '2026-03-02T09:00:50Z', original: 0, target_dialog: 2 };
    const mapped = map(vcon([recording, transfer, { ...recording, start: '2026-03-02T09:01:00Z' }]));
    expect(mapped.calls.map(({ sourceCallId }) => sourceCallId)).toEqual(['v-1', 'v-1/dialog/2']);
    expect(mapped.calls.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ['call.answered', 'call.transferred', 'call.ended'],
      ['call.answered', 'call.ended'],
    ]);
  });

  it('have the same events with the same ids when the file comes again, and others when it has changed', () => {
    const ids = (value: unknown) => map(value).calls.flatMap(({ events }) => events.map(({ id }) => id));
    const file = vcon([recording], { analysis: [spoken('Hello.')] });
    expect(ids(structuredClone(file))).toEqual(ids(file));
    const changed = ids({ ...file, analysis: [spoken('Hello!')] });
    expect(changed.slice(0, 2)).toEqual(ids(file).slice(0, 2));
    expect(changed[2]).not.toBe(ids(file)[2]);
    expect(new Set(ids(file)).size).toBe(3);
  });

  it('is abandoned where the caller hung up', () => {
    const mapped = map(
      vcon([{ type: 'incomplete', start: '2026-03-02T09:00:00Z', disposition: 'hung-up', parties: [1] }]),
    );
    expect(mapped.calls[0]?.events.map(({ type }) => type)).toEqual(['call.abandoned']);
    expect(mapped.calls[0]?.events[0]?.data).not.toHaveProperty('agentId');
  });
});

describe('a vCon that makes no call says why and where', () => {
  it.each([
    ['VCON_NOT_AN_OBJECT', '', 'text'],
    ['VCON_ENCRYPTED', '/ciphertext', { ciphertext: 'x', recipients: [] }],
    ['VCON_SIGNED_UNREADABLE', '/payload', { payload: '%', signatures: [] }],
    ['VCON_NO_DIALOG', '/dialog', vcon([])],
    ['VCON_DIALOG_EMPTY', '/dialog/0/body', vcon([{ type: 'text', start: '2026-03-02T09:00:00Z' }])],
    ['VCON_CONTENT_ELSEWHERE', '/dialog/0/url', vcon([{ type: 'text', url: 'https://x.example/1' }])],
    ['VCON_DIALOG_TYPE_UNKNOWN', '/dialog/0/type', vcon([{ type: 'dance' }])],
    [
      'VCON_NO_TIME',
      '/dialog/0/start',
      { uuid: 'v', dialog: [recording].map((dialog) => ({ ...dialog, start: 'noon' })) },
    ],
    [
      'VCON_NO_CONVERSATION',
      '/dialog/0/disposition',
      vcon([{ type: 'incomplete', disposition: 'busy', start: '2026-03-02T09:00:00Z' }]),
    ],
    ['VCON_CALL_INVALID', '/dialog/0', vcon([recording], { uuid: 'u'.repeat(300) })],
  ])('%s at %s', (code, path, value) => {
    const { calls, rejected } = map(value);
    expect(calls).toEqual([]);
    expect(rejected).toMatchObject([{ code, path }]);
    expect(rejected[0]?.reason).toBeTruthy();
  });

  it('and does so for whatever it is given', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>('2026-03-02T09:00:00Z', 'recording', 'text', 0, [0, 1], 'agent'),
    );
    const dialog = fc.dictionary(
      fc.constantFrom(
        'type',
        'start',
        'body',
        'parties',
        'originator',
        'duration',
        'url',
        'original',
        'disposition',
        'mimetype',
        'encoding',
        'meta',
      ),
      odd,
    );
    const analysis = fc.dictionary(
      fc.constantFrom('type', 'dialog', 'body', 'encoding'),
      fc.oneof(odd, fc.constant('transcript')),
    );
    const any = fc.record(
      {
        uuid: odd,
        created_at: odd,
        parties: fc.oneof(odd, fc.array(fc.dictionary(fc.constantFrom('role', 'id', 'tel', 'name', 'meta'), odd))),
        dialog: fc.oneof(odd, fc.array(dialog, { maxLength: 4 })),
        analysis: fc.oneof(odd, fc.array(analysis, { maxLength: 4 })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (value) => {
        const { calls, rejected } = map(value);
        expect(calls.length + rejected.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a signed vCon', () => {
  it('is read, and says that nobody checked its signature', () => {
    const payload = Buffer.from(JSON.stringify(vcon([recording]))).toString('base64url');
    const mapped = map({ payload, signatures: [{}] });
    expect(mapped.calls.map(({ path }) => path)).toEqual(['/payload/dialog/0']);
    expect(mapped.warnings.map(({ code }) => code)).toEqual(['VCON_SIGNATURE_NOT_CHECKED']);
  });
});

describe('inferring speakers', () => {
  const [greets, complains, asks, answers, offers] = CONVERSATION as [string, string, string, string, string];

  it('leaves open what is not enclosed, or where somebody spoke twice', () => {
    const letters = (turns: string[]) =>
      inferAlternating(turns)
        ?.map((speaker) => speaker[0])
        .join('') ?? null;
    expect(letters([greets, complains, asks, answers])).toBe('acau');
    expect(letters([greets, complains, 'Let me see.', 'Here it is.', answers, asks])).toBe('auuuua');
    expect(letters([complains, greets, answers, asks, answers, offers])).toBe('cacaca');
    expect(letters([complains, greets, answers, asks])).toBeNull();
    expect(letters([greets, complains])).toBeNull();
    expect(letters(['Hello.', 'Hi.', 'Bye.'])).toBeNull();
  });

  it('knows Chinese agents too', () => {
    const turns = ['您好，欢迎致电，请问有什么可以帮您？', '账单不对。', '已更正。还有什么可以帮您？'];
    expect(inferAlternating(turns)).toEqual(['agent', 'customer', 'agent']);
  });

  it('by label needs one label alone that sounds like an agent', () => {
    const turns = (...labels: string[]) =>
      CONVERSATION.map((text, index) => ({ text, label: labels[index % labels.length] }));
    expect(inferByLabel(turns('0', '1'))?.slice(0, 2)).toEqual(['agent', 'customer']);
    expect(inferByLabel(turns('0'))).toBeNull();
    expect(inferByLabel(turns('0', '1', '2', '3'))).toBeNull();
  });
});

describe('times', () => {
  it.each([
    ['2026-03-02T09:00:00.123456+01:00', '2026-03-02T08:00:00.123Z', false],
    ['2026-03-02T09:00:00.123456', '2026-03-02T09:00:00.123Z', true],
    ['Mon, 02 Mar 2026 09:00:00 +0100', '2026-03-02T08:00:00.000Z', false],
    [1_772_442_000, '2026-03-02T09:00:00.000Z', false],
    [1_772_442_000_000, '2026-03-02T09:00:00.000Z', false],
  ])('%s', (value, time, assumedUtc) => {
    const read = readTime(value);
    expect(new Date(read?.ms ?? 0).toISOString()).toBe(time);
    expect(read?.assumedUtc).toBe(assumedUtc);
  });

  it.each(['02.03.2026', 'yesterday', '', null, {}, 1e300])('%s is none', (value) => {
    expect(readTime(value)).toBeUndefined();
  });
});
