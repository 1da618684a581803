/** Makes call records and forms for tests, in few words. */
import type { CallRecord, Segment } from '@coachloop/contracts';
import { type CompiledForm, compileForm, type Form, type Rule, score } from '../src/index.ts';

type Line = readonly [speaker: Segment['speaker'], text: string, startSeconds?: number, endSeconds?: number];

/** A call of these lines; with times in seconds where a line has them. */
export function callOf(lines: readonly Line[], overrides: Partial<CallRecord> = {}): CallRecord {
  const timed = lines.length > 0 && lines.every((line) => line[2] !== undefined);
  return {
    callId: '00000000-0000-5000-8000-000000000001',
    revision: 1,
    source: 'test',
    sourceCallId: 'c1',
    agentId: '00000000-0000-5000-8000-00000000000a',
    channel: 'voice',
    direction: 'inbound',
    startedAt: '2026-01-05T09:00:00.000Z',
    endedAt: '2026-01-05T09:05:00.000Z',
    holds: [],
    transfers: 0,
    abandoned: false,
    transcript: {
      timing: timed ? 'measured' : 'none',
      segments: lines.map(([speaker, text, start, end], index) => ({
        index,
        speaker,
        text,
        ...(start === undefined ? {} : { startMs: start * 1_000, endMs: (end ?? start + 1) * 1_000 }),
      })),
    },
    missing: [],
    openCases: false,
    ...overrides,
  };
}

export const formOf = (rules: Readonly<Record<string, Rule>>, extra: Partial<Form> = {}): CompiledForm =>
  compileForm({
    id: 'test',
    version: 1,
    title: { en: 'Test', zh: '测试' },
    languages: ['en'],
    channels: ['voice', 'chat'],
    passMark: 75,
    sections: [
      {
        id: 'all',
        title: { en: 'All', zh: '全部' },
        weight: 1,
        questions: Object.entries(rules).map(([id, rule]) => ({
          id,
          title: { en: id, zh: id },
          competency: 'call-control',
          weight: 1,
          rule: rule as Form['sections'][number]['questions'][number]['rule'],
        })),
      },
    ],
    ...extra,
  });

/** The answer to one question with this rule. */
export function ask(rule: Rule, call: CallRecord, extra: Partial<Form> = {}) {
  const answer = score(formOf({ q: rule }, extra), call).answers[0];
  if (!answer) throw new Error('the form has one question');
  return answer;
}
