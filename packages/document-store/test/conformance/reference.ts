import type { IndexSpec, JsonValue, Mark, Query, Scalar, StoredDocument, Verdict, Write } from '../../src/index.ts';

/** The port, as obviously as it can be written: everything is filtered and sorted on each call. */
export class Model {
  readonly #indexes: readonly IndexSpec[];
  readonly #documents = new Map<string, StoredDocument>();
  readonly #marks = new Map<string, Mark>();

  constructor(indexes: readonly IndexSpec[]) {
    this.#indexes = indexes;
  }

  version(id: string): number {
    return this.#documents.get(id)?.version ?? 0;
  }

  save({ expectedVersion, document }: Write): Verdict {
    if (this.version(document.id) !== expectedVersion) return 'lost';
    this.#documents.set(document.id, document);
    return 'won';
  }

  delete(ids: readonly string[]): void {
    for (const id of ids) this.#documents.delete(id);
  }

  raise(marks: readonly Mark[]): void {
    for (const { id, seq, expireAtMs } of marks) {
      const { seq: s = seq, expireAtMs: e = expireAtMs } = this.#marks.get(id) ?? {};
      this.#marks.set(id, { id, seq: Math.max(seq, s), expireAtMs: Math.max(expireAtMs, e) });
    }
  }

  expire(nowMs: number): number {
    const expired = [...this.#marks.values()].filter((mark) => mark.expireAtMs < nowMs);
    for (const mark of expired) this.#marks.delete(mark.id);
    return expired.length;
  }

  scanMarks(): Mark[] {
    return [...this.#marks.values()].sort((a, b) => compareText(a.id, b.id));
  }

  scan(afterId: string | null): StoredDocument[] {
    const sorted = [...this.#documents.values()].sort((a, b) => compareText(a.id, b.id));
    return afterId === null ? sorted : sorted.filter((document) => compareText(document.id, afterId) > 0);
  }

  due(atMs: number, limit: number, lanes: readonly string[] | undefined): StoredDocument[] {
    return this.scan(null)
      .filter(({ wakeAt }) => wakeAt !== null && wakeAt <= atMs)
      .filter(({ lane }) => !lanes || (lane !== null && lanes.includes(lane)))
      .sort((a, b) => Number(a.wakeAt) - Number(b.wakeAt))
      .slice(0, limit);
  }

  query({ index, equals = [], range = {}, order }: Query): StoredDocument[] {
    const fields = this.#indexes.find(({ name }) => name === index)?.fields ?? [];
    const { from, to } = range;
    const matching = this.scan(null).filter((document) => {
      const values = fields.map((field) => valueAt(document.body, field));
      const next = values[equals.length];
      return (
        values[0] !== undefined &&
        equals.every((value, i) => compare(values[i], value) === 0) &&
        (from === undefined || (typeof next === typeof from && compare(next, from) >= 0)) &&
        (to === undefined || (typeof next === typeof to && compare(next, to) < 0))
      );
    });
    matching.sort((a, b) => {
      const orders = fields.map((field) => compare(valueAt(a.body, field), valueAt(b.body, field)));
      return orders.find((result) => result !== 0) ?? compareText(a.id, b.id);
    });
    return order === 'desc' ? matching.reverse() : matching;
  }
}

function valueAt(body: JsonValue, path: string): Scalar | undefined {
  let at: unknown = body;
  for (const name of path.split('.')) at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  return typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean' ? at : undefined;
}

const RANK: Partial<Record<string, number>> = { undefined: 0, number: 1, string: 2, boolean: 3 };

function compare(a: Scalar | undefined, b: Scalar | undefined): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === typeof b && a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  return Number(RANK[typeof a]) - Number(RANK[typeof b]);
}

function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
