import { DiagnosticSeverity, Parser } from '@asyncapi/parser';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { beforeAll, expect, test } from 'vitest';
import { asyncapi } from '../src/asyncapi.ts';
import { faultOf, PARTITIONS, SERVICES, TOPICS, type TopicEntry } from '../src/index.ts';

type Parse = Awaited<ReturnType<Parser['parse']>>;
let parsed: Parse;
const given = asyncapi();
beforeAll(async () => {
  parsed = await new Parser().parse(JSON.stringify(given));
}, 60_000);

const documentOf = () => {
  if (!parsed.document) throw new Error(JSON.stringify(parsed.diagnostics, null, 1));
  return parsed.document;
};

test('the parser takes the document without errors or warnings', () => {
  const serious = parsed.diagnostics.filter(({ severity }) => severity <= DiagnosticSeverity.Warning);
  expect(serious.map(({ code, message, path }) => `${code} ${message} ${path.join('/')}`)).toEqual([]);
  // For information: that 3.1.0 exists. We stay on 3.0.0, which more tools read.
  expect(parsed.diagnostics.map(({ code }) => code)).toEqual(['asyncapi-latest-version']);
  expect(documentOf().version()).toBe('3.0.0');
});

test('every topic and every dead-letter and retry topic is a channel with its partitions', () => {
  const addresses = documentOf()
    .channels()
    .all()
    .map((channel) => channel.address());
  const own = SERVICES.flatMap((service) => [`${service}.dead-letter`, `${service}.retry`]);
  expect(addresses.toSorted()).toEqual([...Object.keys(TOPICS), ...own].toSorted());
  for (const channel of documentOf().channels())
    expect(channel.bindings().get('kafka')?.value()).toMatchObject({ partitions: PARTITIONS });
});

test.each(Object.values(TOPICS) as readonly TopicEntry[])(
  '$name has its types, and owner and readers as operations',
  (entry) => {
    const channel = documentOf()
      .channels()
      .all()
      .find((one) => one.address() === entry.name);
    expect(
      channel
        ?.messages()
        .all()
        .map((message) => message.name()),
    ).toEqual(Object.keys(entry.events));
    const operations = channel
      ?.operations()
      .all()
      .map((one) => one.id());
    expect(operations).toEqual([
      `${entry.owner ?? 'foreign-producer'}.send.${entry.name}`,
      `${entry.reader ?? 'subscriber'}.receive.${entry.name}`,
    ]);
  },
);

test('the schemas that a reader gets accept the examples, and refuse what ours refuse', () => {
  const messages = documentOf().messages().all();
  expect(messages.length).toBeGreaterThan(40);
  for (const message of messages) {
    const [example] = message.examples().all();
    const [headers, payload] = [message.headers()?.json(), message.payload()?.json()] as unknown as [TSchema, TSchema];
    expect({ [message.id()]: faultOf(headers, example?.headers()) }).toEqual({ [message.id()]: null });
    expect({ [message.id()]: faultOf(payload, example?.payload()) }).toEqual({ [message.id()]: null });
    expect(Compile(payload).Check({})).toBe(false);
    expect(Compile(headers).Check({ ...example?.headers(), ce_type: 'another.type' })).toBe(false);
  }
});

test('shared schemas are written once', () => {
  const text = JSON.stringify(given);
  for (const name of ['Transcript', 'Evidence', 'TriggerCall', 'Course', 'Sample'])
    expect(text).toContain(`"$ref":"#/components/schemas/${name}"`);
  expect(documentOf().components().schemas().all().length).toBeGreaterThan(10);
});
