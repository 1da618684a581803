/** Invented calls for the golden files, one per default form. Worded apart from the phrases of the forms where that is possible. */
import { type CallRecord, callIdOf } from '@coachloop/contracts';

type Line = readonly ['agent' | 'customer', string];

export function record(name: string, lines: readonly Line[], overrides: Partial<CallRecord> = {}): CallRecord {
  const voice = (overrides.channel ?? 'voice') === 'voice';
  let clock = 500;
  const segments = lines.map(([speaker, text], index) => {
    const startMs = clock;
    const spokenMs = voice ? 400 + text.length * (/[\u4e00-\u9fff]/.test(text) ? 220 : 65) : 0;
    clock = startMs + spokenMs + (voice ? 700 : 20_000);
    return { index, speaker, text, startMs, endMs: startMs + spokenMs };
  });
  return {
    callId: callIdOf('test', name),
    revision: 1,
    source: 'test',
    sourceCallId: name,
    agentId: '00000000-0000-5000-8000-00000000000a',
    channel: 'voice',
    direction: 'inbound',
    startedAt: '2026-01-05T09:00:00.000Z',
    endedAt: '2026-01-05T09:05:00.000Z',
    holds: [],
    transfers: 0,
    abandoned: false,
    transcript: { timing: voice ? 'measured' : 'sent', segments },
    missing: [],
    openCases: false,
    ...overrides,
  };
}

export const EN_GOOD: readonly Line[] = [
  ['agent', 'Good afternoon, Lakeside Rentals, Dana speaking. What can I do for you?'],
  ['customer', 'I was billed twice for my last booking and honestly I am furious.'],
  [
    'agent',
    'That must be really annoying, and I apologise. Could you give me your booking number and the phone number on it?',
  ],
  ['customer', 'It is K 4 4 1, and the phone ends in 2 0 9.'],
  ['agent', 'So you would like the second payment for that booking returned, is that right?'],
  ['customer', 'Yes, exactly.'],
  [
    'agent',
    "Just a moment while I look at it. I can see the duplicate, and I've reversed it. The money reaches you within three working days.",
  ],
  ['customer', 'Good, thank you.'],
  [
    'agent',
    'You are welcome. You will get a short survey about this call. Thanks for phoning, have a pleasant evening, goodbye.',
  ],
];

export const EN_BAD: readonly Line[] = [
  ['agent', 'Yeah?'],
  ['customer', 'Hello, my order never arrived and nobody can tell me anything.'],
  ['agent', "That's not my problem, ask the courier."],
  ['customer', 'This is ridiculous. When will it come?'],
  ['agent', 'No idea. As soon as possible.'],
  ['customer', 'Fine.'],
];

export const ZH_GOOD: readonly Line[] = [
  ['agent', '您好，这里是湖畔家电售后，我姓程，请问有什么需要？'],
  ['customer', '我上周买的洗衣机一直漏水，地板都泡坏了，太气人了，我要投诉。'],
  ['agent', '地板泡坏了确实让人着急，非常抱歉。麻烦您报一下订单编号和预留手机后四位。'],
  ['customer', '订单是8842，手机尾号5120。'],
  ['agent', '您是想让师傅上门检查漏水，并且登记地板的损失，对吗？'],
  ['customer', '对，尽快吧。'],
  ['agent', '请稍等，我查一下排班。明天上午十点前师傅会上门，损失单两个工作日内给您回电。'],
  ['customer', '好的。'],
  ['agent', '稍后有短信请您评价。谢谢您的来电，祝您生活愉快，再见。'],
];
