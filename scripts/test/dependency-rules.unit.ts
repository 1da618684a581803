import { describe, expect, test } from 'vitest';
import { type Graph, rules } from '../lib/dependency-rules.ts';
import { importsOf } from '../lib/imports.ts';

const everything = [
  '@coachloop/contracts',
  '@coachloop/event-log',
  '@coachloop/document-store',
  '@coachloop/qa-scoring',
];
const workspace = (folder: string, declared: string[] = []) => ({
  name: `@coachloop/${folder.split('/')[1]}`,
  folder,
  declared: [...declared, 'typebox', 'kafkajs', 'mongoose', 'fastify'],
});

function graphOf(file: string, specifier: string): Graph {
  return {
    imports: importsOf(file, `import '${specifier}';`),
    workspaces: [
      workspace('packages/cli', [...everything, '@coachloop/service-kit', '@coachloop/evaluation']),
      workspace('packages/contracts'),
      workspace('packages/document-store'),
      workspace('packages/event-log'),
      workspace('packages/scorecard'),
      workspace('packages/service-kit', ['@coachloop/event-log', '@coachloop/document-store']),
      workspace('services/evaluation', ['@coachloop/contracts', '@coachloop/scorecard', '@coachloop/event-log']),
      workspace('services/qa-scoring', ['@coachloop/contracts', '@coachloop/event-log']),
    ],
    sharedTools: ['vitest'],
  };
}

/** The names of the rules that an import breaks. */
const broken = (file: string, specifier: string) =>
  rules.filter(({ violations }) => violations(graphOf(file, specifier)).length > 0).map(({ name }) => name);

const domain = 'services/evaluation/src/domain/case.ts';

describe('each rule bites', () => {
  test.each([
    ['services stand alone', 'services/evaluation/src/service.ts', '@coachloop/qa-scoring'],
    ['services stand alone', 'services/evaluation/src/service.ts', '../../qa-scoring/src/service.ts'],
    ['services stand alone', 'services/evaluation/test/a.unit.ts', '@coachloop/qa-scoring'],
    ['packages know no service', 'packages/service-kit/src/index.ts', '@coachloop/qa-scoring'],
    ['packages know no service', 'packages/service-kit/test/a.int.ts', '@coachloop/qa-scoring'],
    ['domain is pure', domain, 'node:crypto'],
    ['domain is pure', domain, 'fs'],
    ['domain is pure', domain, 'fastify'],
    ['domain is pure', domain, '../api/routes.ts'],
    ['domain is pure', domain, '@coachloop/event-log'],
    ['adapters at composition roots', 'services/evaluation/src/service.ts', '@coachloop/event-log/embedded'],
    ['adapters at composition roots', 'packages/service-kit/src/index.ts', '@coachloop/document-store/memory'],
    ['adapters at composition roots', 'packages/service-kit/src/index.ts', '@coachloop/event-log/kafka'],
    ['drivers inside their adapters', 'packages/service-kit/src/index.ts', 'kafkajs'],
    ['drivers inside their adapters', 'packages/event-log/src/index.ts', 'kafkajs'],
    ['drivers inside their adapters', 'packages/event-log/src/kafka/client.ts', 'mongoose'],
    ['other packages by name', 'packages/service-kit/src/index.ts', '../../event-log/src/index.ts'],
    ['other packages by name', 'packages/service-kit/src/index.ts', '../../../scripts/lib/turbo.ts'],
    ['what is imported is declared', 'packages/contracts/src/index.ts', 'yaml'],
    ['what is imported is declared', 'packages/contracts/src/index.ts', 'vitest'],
    ['what is imported is declared', 'services/qa-scoring/src/service.ts', '@coachloop/scorecard'],
    ['no cycles between packages', 'packages/event-log/src/index.ts', '@coachloop/service-kit'],
  ])('%s: %s may not import %s', (rule, file, specifier) => {
    expect(broken(file, specifier)).toContain(rule);
  });
});

describe('what is meant to be allowed breaks no rule', () => {
  test.each([
    ['packages/cli/src/up.ts', '@coachloop/qa-scoring'],
    ['packages/cli/src/up.ts', '@coachloop/event-log/embedded'],
    ['packages/service-kit/src/adapters.ts', '@coachloop/document-store/memory'],
    ['packages/service-kit/src/distributed.ts', '@coachloop/event-log/kafka'],
    ['services/evaluation/src/main.ts', '@coachloop/event-log/embedded'],
    ['services/evaluation/test/a.int.ts', '@coachloop/event-log/memory'],
    ['services/evaluation/test/a.int.ts', '@coachloop/event-log/conformance'],
    ['services/evaluation/src/service.ts', '@coachloop/event-log'],
    ['services/evaluation/src/service.ts', './domain/case.ts'],
    [domain, './policy.ts'],
    [domain, '@coachloop/contracts'],
    [domain, '@coachloop/scorecard'],
    [domain, 'typebox/value'],
    ['services/evaluation/src/domain/rules/a.ts', '../case.ts'],
    ['packages/event-log/src/kafka/client.ts', 'kafkajs'],
    ['packages/document-store/src/mongo/client.ts', 'mongoose'],
    ['packages/contracts/test/a.unit.ts', 'vitest'],
    ['packages/contracts/vitest.config.ts', '../../vitest.base.ts'],
    ['packages/contracts/src/index.ts', 'node:crypto'],
  ])('%s may import %s', (file, specifier) => {
    expect(broken(file, specifier)).toEqual([]);
  });
});

test('a violation names the file, the line and the import, a cycle its way round', () => {
  const found = rules.flatMap(({ violations }) =>
    violations(graphOf('packages/event-log/src/a.ts', '@coachloop/service-kit')),
  );
  expect(found).toEqual([
    'packages/event-log/src/a.ts:1 imports @coachloop/service-kit',
    '@coachloop/event-log → @coachloop/service-kit → @coachloop/event-log',
  ]);
});

test('every form of import is seen, with its line', () => {
  const source = `import a from 'one';
import type { B } from 'two';
export * from 'three';
export type { C } from 'four';
const d = await import('five');
import 'six';
`;
  const seen = importsOf('a.ts', source).sort((x, y) => x.line - y.line);
  expect(seen.map(({ line, specifier }) => `${line} ${specifier}`)).toEqual([
    '1 one',
    '2 two',
    '3 three',
    '4 four',
    '5 five',
    '6 six',
  ]);
});
