/** A profile of the processor, summed up by the part of the project in which the time was spent. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from './errors.ts';

export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export const COLLECTOR = 'garbage collector';
export const OTHERS = 'Node itself';

const PARTS: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/\/node_modules\/(?!@coachloop\/)/, () => 'libraries'],
  [/\/(packages|services)\/([a-z-]+)\//, ([, kind, name]) => `${kind}/${name}`],
];

export interface Sums {
  /** Shares of the time in which the thread was not at rest; together 1. */
  readonly parts: ReadonlyMap<string, number>;
  /** The same by function, with its file. */
  readonly functions: ReadonlyMap<string, number>;
}

/** Of the main thread: of the profiles in the folder the one that ran `entry`. */
export function sumsOf(folder: string, entry: RegExp): Sums {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
    if (profile.nodes.some(({ callFrame }) => entry.test(callFrame.url))) return sums(profile);
  }
  throw new BenchError(`${folder} holds no profile of ${entry}.`);
}

export function sums({ nodes, samples, timeDeltas }: Profile): Sums {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const partOf = new Map<number, string>();
  // What has no place of its own, as `JSON.parse`, belongs to whoever called it.
  const visit = (id: number, caller: string) => {
    const node = byId.get(id);
    if (!node) return;
    const part = partOfFrame(node.callFrame, caller);
    if (part !== null) partOf.set(id, part);
    for (const child of node.children ?? []) visit(child, part ?? caller);
  };
  if (nodes[0]) visit(nodes[0].id, OTHERS);
  const parts = new Map<string, number>();
  const functions = new Map<string, number>();
  let all = 0;
  samples.forEach((id, i) => {
    const part = partOf.get(id);
    const micros = timeDeltas[i] ?? 0;
    if (part === undefined) return;
    all += micros;
    parts.set(part, (parts.get(part) ?? 0) + micros);
    const { functionName, url = '', lineNumber = 0 } = byId.get(id)?.callFrame ?? { functionName: '' };
    const name = `${functionName.slice(0, 60) || '(anonymous)'} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1} [${part}]`;
    functions.set(name, (functions.get(name) ?? 0) + micros);
  });
  const share = (times: ReadonlyMap<string, number>) =>
    new Map([...times].map(([name, micros]) => [name, micros / all] as const).sort((a, b) => b[1] - a[1]));
  return { parts: share(parts), functions: share(functions) };
}

/** Null: at rest. */
function partOfFrame({ functionName, url }: { functionName: string; url: string }, caller: string): string | null {
  if (functionName === '(idle)') return null;
  if (functionName === '(garbage collector)') return COLLECTOR;
  for (const [pattern, name] of PARTS) {
    const match = pattern.exec(url);
    if (match) return name(match);
  }
  return caller;
}
