/** What every event costs in this package: `npm run -w @coachloop/contracts bench`. Operations per second, best of five rounds. */
import { createHash } from 'node:crypto';
import { v5 } from 'uuid';
import { EXAMPLES } from '../src/examples.ts';
import {
  type CloudEvent,
  eventIdOf,
  faultOf,
  fromHeaders,
  headerText,
  parseHttpEvents,
  schemaOf,
  toHeaders,
  toStructured,
} from '../src/index.ts';

const ROUNDS = 5;
const ROUND_MS = 200;

function measure(name: string, run: (i: number) => unknown): void {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < ROUND_MS) for (let i = 0; i < 100; i += 1) run(count++);
    best = Math.max(best, (count / (performance.now() - start)) * 1000);
  }
  console.log(`${name.padEnd(52)} ${Math.round(best).toLocaleString('en').padStart(12)} /s`);
}

const data = (topic: 'call-events' | 'qa-events', type: string) => EXAMPLES[topic][type];
const event = (type: string, of: unknown): CloudEvent => ({
  id: '1b2f0e5c-8c3a-5d0e-9d3b-3a7f2c9e6b11',
  source: 'call-ingest',
  type,
  time: 1_777_887_380_000,
  subject: 'c-1',
  key: 'k',
  stream: 'fZ0qkP1w8d3mT5yB7nXcVa',
  seq: 4,
  born: 1_777_887_000_000,
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  data: of,
});

const ended = event('call.ended', data('call-events', 'call.ended'));
const record = event('call.completed', data('call-events', 'call.completed'));
const segments = Array.from({ length: 60 }, (_, index) => ({
  index,
  speaker: 'agent',
  text: 'x'.repeat(80),
  startMs: index,
}));
const long = { ...(record.data as object), transcript: { language: 'en', timing: 'measured', segments } };
const completed = schemaOf('call-events', 'call.completed') ?? {};
const headers = toHeaders(ended);
const value = Buffer.from(JSON.stringify(ended.data));
const structured = Buffer.from(JSON.stringify(toStructured({ ...record, data: long })));

measure('eventIdOf', (i) => eventIdOf(ended.id, 'qa-scoring', ended.id, i));
measure('  the same by the uuid package', (i) =>
  v5(`${ended.id}\u001fqa-scoring\u001f${ended.id}\u001f${i}`, ended.id),
);
measure('  sha-1 alone, createHash', (i) => createHash('sha1').update(`${ended.id}${ended.id}${i}`).digest('hex'));
measure('toHeaders', () => toHeaders(ended));
const encoder = new TextEncoder();
const texts = Object.values(headers).map((bytes) => headerText(bytes));
measure('  the same texts by TextEncoder', () => texts.map((text) => encoder.encode(text)));
measure('fromHeaders with JSON, call.ended', () => fromHeaders(headers, value));
measure('  JSON.parse of it alone', () => JSON.parse(value.toString()));
measure('faultOf, call.ended', () => faultOf(schemaOf('call-events', 'call.ended') ?? {}, ended.data));
measure('faultOf, call.completed with 60 segments', () => faultOf(completed, long));
measure('faultOf, the same with a fault at the end', () => faultOf(completed, { ...long, openCases: 1 }));
measure(`parseHttpEvents, structured, ${structured.length} bytes`, () =>
  parseHttpEvents({ headers: {}, contentType: 'application/cloudevents+json', body: structured }),
);
measure('  JSON.parse of it alone', () => JSON.parse(structured.toString()));
