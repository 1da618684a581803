import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordsOfVcon, type VconRecords } from '@coachloop/call-ingest';
import type { CallRecord, EvaluationResult } from '@coachloop/contracts';
import { evaluate, loadForms } from '@coachloop/qa-scoring';

/** The folder with the recordings, or null without one. */
export function samplesFolder({ COACHLOOP_SAMPLES: folder }: NodeJS.ProcessEnv): string | null {
  return folder && existsSync(join(folder, 'vcon-files')) ? join(folder, 'vcon-files') : null;
}

type Sample = VconRecords & { file: string };
type Scored = { record: CallRecord; evaluation: EvaluationResult | null };

/** What the ingest's mapping and the default forms make of each file. Figures and places only: no word of a sample. */
export async function renderSamples(folder: string): Promise<string> {
  const now = Date.now();
  const samples: Sample[] = globSync('*.json', { cwd: folder })
    .sort()
    .map((file) => ({ file, ...recordsOfVcon(JSON.parse(readFileSync(join(folder, file), 'utf8')), now) }));
  const forms = loadForms();
  const scored = samples.flatMap(({ records }) =>
    records.map((record) => ({ record, evaluation: evaluate(forms, record) })),
  );
  return [...head(samples, scored), ...rejected(samples), ...warnings(samples), ...tables(scored)].join('\n');
}

function head(samples: readonly Sample[], scored: readonly Scored[]): string[] {
  const withScore = scored.filter(({ evaluation }) => typeof evaluation?.score === 'number');
  return [
    '# The sample recordings',
    '',
    'What Coachloop makes of the vCon files that its tests use as real input (`vcon-files`, published by vcon-dev/fake-vcons under',
    'the MIT licence; the people in them are synthetic). The files are not part of this repository. This page is made from them by',
    '`COACHLOOP_SAMPLES=<folder> npm run docs`, with the same code as an import; a test fails when it is not.',
    '',
    '| | |',
    '|---|---:|',
    `| files | ${samples.length} |`,
    `| files that make at least one call | ${samples.filter(({ records }) => records.length > 0).length} |`,
    `| calls | ${scored.length} |`,
    `| calls with a score | ${withScore.length} |`,
    '',
  ];
}

function rejected(samples: readonly Sample[]): string[] {
  const rows = samples.flatMap(({ file, rejected: notes }) =>
    notes.map(({ path, code, reason }) => `| ${file} | \`${path || '(whole)'}\` | ${code} | ${reason} |`),
  );
  const title = ['## What makes no call', ''];
  if (rows.length === 0) return [...title, 'Nothing is rejected: every dialog of every file became a call.', ''];
  return [...title, '| file | JSON pointer | code | reason |', '|---|---|---|---|', ...rows, ''];
}

function warnings(samples: readonly Sample[]): string[] {
  const all = samples.flatMap(({ file, warnings: notes }) => notes.map((note) => ({ file, ...note })));
  const title = ['## Warnings', ''];
  if (all.length === 0) return [...title, 'There are none.', ''];
  const rows = [...Map.groupBy(all, ({ code }) => code)].map(
    ([code, list]) => `| ${code} | ${new Set(list.map(({ file }) => file)).size} | ${list[0]?.reason} |`,
  );
  return [...title, '| code | files | meaning |', '|---|---:|---|', ...rows.sort(), ''];
}

const tables = (scored: readonly Scored[]): string[] => [
  '## The calls',
  '',
  ...table('channel', scored, ({ record }) => record.channel),
  ...table('language', scored, ({ record, evaluation }) => evaluation?.language ?? record.language ?? 'unknown'),
  ...table('form', scored, ({ evaluation }) =>
    evaluation ? `${evaluation.form.id}, version ${evaluation.form.version}` : 'none fits',
  ),
  ...table('whose words are whose', scored, ({ evaluation }) => evaluation?.speakers ?? 'no transcript'),
  ...table('times of the transcript', scored, ({ record }) => record.transcript?.timing ?? 'no transcript'),
  '`whose words are whose`: *given* as labelled in the file, *inferred* by rules where labels are missing, *swapped* where the labels',
  'contradict what is said, *unknown* where nobody can tell (then questions about one side are not applicable). `times of the',
  'transcript`: *measured* start and end of speech, *sent* the moment of a message, *none* the order alone (then questions about',
  'silence or overlap are not applicable).',
  '',
];

function table(title: string, scored: readonly Scored[], kindOf: (call: Scored) => string): string[] {
  const rows = [...Map.groupBy(scored, kindOf)].map(([value, list]) => `| ${value} | ${list.length} |`).sort();
  return [`| ${title} | calls |`, '|---|---:|', ...rows, ''];
}
