/** YAML → form, with errors that name file, line and field. */
import { faultOf } from '@coachloop/contracts';
import type { TSchema } from 'typebox';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { FormError } from '../errors.ts';
import { type Form, FormSchema, type Lexicon, LexiconSchema } from './schema.ts';

/** Reads a form. `file` is only for messages. Throws FormError FORM_SYNTAX or FORM_INVALID. */
export function parseForm(yaml: string, file: string, lexicons: readonly Lexicon[] = []): Form {
  const { data, at } = read<Form>(yaml, file, FormSchema);
  const seen = new Set<string>();
  data.sections.forEach((section, s) => {
    section.questions.forEach((question, q) => {
      const pointer = `/sections/${s}/questions/${q}/id`;
      if (seen.has(question.id)) throw at(pointer, `there is another question ${JSON.stringify(question.id)}`);
      seen.add(question.id);
    });
  });
  if (seen.size > 200) throw at('/sections', 'a form has at most 200 questions');
  if (data.lexicon === undefined) return data;
  const lexicon = lexicons.find((one) => one.id === data.lexicon);
  if (lexicon === undefined) throw at('/lexicon', `there is no lexicon ${JSON.stringify(data.lexicon)}`);
  // The form's own sets win over those it shares.
  return { ...data, sets: { ...lexicon.sets, ...data.sets } };
}

export const parseLexicon = (yaml: string, file: string): Lexicon => read<Lexicon>(yaml, file, LexiconSchema).data;

type Fault = (pointer: string, message: string) => FormError;

function read<T>(yaml: string, file: string, schema: TSchema): { data: T; at: Fault } {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const syntax = document.errors[0];
  if (syntax) {
    const line = syntax.linePos?.[0].line;
    throw new FormError('FORM_SYNTAX', `${file}:${line ?? '?'}: ${syntax.message.split('\n')[0] ?? ''}`, '', line);
  }
  const at: Fault = (pointer, message) => {
    const line = lineOf(document, lines, pointer);
    return new FormError('FORM_INVALID', `${file}:${line}: ${pointer || '/'}: ${message}`, pointer, line);
  };
  const data: unknown = document.toJS({ maxAliasCount: 100 });
  const fault = faultOf(schema, data);
  if (fault) throw at(fault.pointer, fault.message === 'schema is false' ? 'is not a field of this' : fault.message);
  // The schema has just been checked.
  return { data: data as T, at };
}

/** The line of the field, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, pointer: string): number {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
