/** Reads YAML that a person wrote, and says where it is wrong: file, line, JSON pointer. */
import { faultOf } from '@coachloop/contracts';
import type { Static, TSchema } from 'typebox';
import { isNode, LineCounter, parseAllDocuments } from 'yaml';
import { SimulatorError, type SimulatorErrorCode } from './errors.ts';

const FILE_CHARS_MAX = 4_000_000;

export interface YamlDocument {
  readonly value: unknown;
  /** `:12` for the nearest place at or above the pointer that the file has; '' where it has none. */
  lineOf(pointer: string): string;
}

export function readYaml(text: string, fileName: string): YamlDocument[] {
  if (text.length > FILE_CHARS_MAX)
    throw new SimulatorError(
      'SIM_FILE_UNREADABLE',
      `${fileName} is longer than ${FILE_CHARS_MAX} characters; shorten it.`,
    );
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(parsed)) return [];
  return parsed.map((document) => {
    const fault = document.errors[0];
    if (fault) throw unreadable(`${fileName}:${lines.linePos(fault.pos[0]).line}`, fault.message);
    const lineOf = (pointer: string): string => {
      const path = pointer.split('/').slice(1);
      for (let length = path.length; length > 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return `:${lines.linePos(node.range[0]).line}`;
      }
      return '';
    };
    try {
      // Bounds aliases, so that a small file cannot unfold into a huge value.
      return { value: document.toJS({ maxAliasCount: 50 }) as unknown, lineOf };
    } catch (error) {
      throw unreadable(fileName, error instanceof Error ? error.message : String(error));
    }
  });
}

const unreadable = (where: string, message: string) =>
  new SimulatorError('SIM_FILE_UNREADABLE', `${where}: ${message.split('\n')[0]}`);

/** The value, typed, or the first fault with its place. */
export function checked<T extends TSchema>(
  schema: T,
  value: unknown,
  code: SimulatorErrorCode,
  where: (pointer: string) => string,
): Static<T> {
  const fault = faultOf(schema, value);
  if (fault)
    throw new SimulatorError(
      code,
      `${where(fault.pointer)}: ${fault.pointer || 'the whole'} ${fault.message.replace('schema is false', 'is not a known field')}`,
      fault.pointer,
    );
  return value as Static<T>;
}
