/** Conversations for tests: made here, and, where the folder is given, real ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const samples = process.env.COACHLOOP_SAMPLES;
if (!samples) process.stderr.write('NOTICE: COACHLOOP_SAMPLES is not set; real conversations are not tested here.\n');

const LINES = [
  'Good morning, thank you for calling Northwind, this is Ada speaking, how can I help you?',
  'My parcel never came and I am quite upset about it.',
  'I am sorry to hear that. May I have your order number and your postcode, please?',
  'It is 4711, and the postcode is 10115.',
  'Thank you. So you ordered last week and nothing arrived. I will send it again, it is there by Friday.',
  'Thanks.',
  'Is there anything else I can help you with? Thank you for calling, have a nice day. Goodbye.',
];

/** The n-th is always the same, and another one than its neighbours. */
export function vcon(n: number): object {
  const startMs = Date.UTC(2025, 2, 3, 8) + n * 600_000;
  const said = LINES.filter((_, line) => line % 2 === 1 || (n >> (line / 2)) % 2 === 0);
  return {
    vcon: '0.0.1',
    uuid: `made-${String(n).padStart(4, '0')}`,
    created_at: new Date(startMs + 300_000).toISOString(),
    parties: [
      { role: 'agent', name: `Agent ${n % 5}`, mailto: `agent${n % 5}@northwind.example` },
      { role: 'customer', tel: `+4930${String(n).padStart(6, '0')}` },
    ],
    dialog: said.map((body, i) => ({
      type: 'text',
      start: new Date(startMs + i * 20_000).toISOString(),
      parties: [LINES.indexOf(body) % 2],
      originator: LINES.indexOf(body) % 2,
      mimetype: 'text/plain',
      body,
    })),
  };
}

export function writeVcons(folder: string, count: number): void {
  for (let n = 0; n < count; n++) writeFileSync(join(folder, `${n}.vcon.json`), JSON.stringify(vcon(n)));
}
