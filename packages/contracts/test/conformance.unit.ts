/** The conformance features of the CloudEvents project, as they are published with the specification. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromHeaders, type Parsed, parseHttpEvents } from '../src/index.ts';
import { type Scenario, scenariosOf } from './gherkin.ts';

const samples = process.env.COACHLOOP_SAMPLES;
const encoder = new TextEncoder();

const stepOf = (scenario: Scenario, text: string) => {
  const step = scenario.steps.find((candidate) => candidate.text.startsWith(text));
  if (!step) throw new Error(`The scenario "${scenario.name}" has no step "${text}"`);
  return step;
};

function parseHttp(scenario: Scenario): Parsed {
  const [head = '', ...rest] = stepOf(scenario, 'an HTTP request').doc.split('\n\n');
  const headers = head
    .split('\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const [item, ...others] = parseHttpEvents({ headers: Object.fromEntries(headers), body: rest.join('\n\n') });
  if (!item || others.length > 0) throw new Error(`${1 + others.length} events in one request`);
  const { index: _, ...parsed } = item;
  return parsed;
}

function parseKafka(scenario: Scenario): Parsed {
  const rows = stepOf(scenario, 'Kafka headers').table.slice(1);
  const headers = Object.fromEntries(rows.map(([name = '', value = '']) => [name, encoder.encode(value)]));
  return fromHeaders(headers, encoder.encode(stepOf(scenario, 'a Kafka message with payload').doc));
}

const FEATURES = [
  { file: 'http-protocol-binding.feature', count: 4, parse: parseHttp },
  { file: 'kafka-protocol-binding.feature', count: 3, parse: parseKafka },
];

test.for(FEATURES)('every scenario of $file holds', ({ file, count, parse }, context) => {
  if (!samples) return context.skip(`COACHLOOP_SAMPLES is not set: ${file} does not run`);
  const scenarios = scenariosOf(readFileSync(join(samples, 'standards', file), 'utf8'));
  expect(scenarios).toHaveLength(count);
  for (const scenario of scenarios) {
    const attributes = stepOf(scenario, 'the attributes are').table.slice(1);
    const data: unknown = JSON.parse(stepOf(scenario, 'the data is equal').doc);
    expect({ [scenario.name]: parse(scenario) }).toEqual({
      [scenario.name]: { event: { ...Object.fromEntries(attributes), data } },
    });
  }
});
