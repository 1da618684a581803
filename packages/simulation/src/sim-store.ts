/** The document store of the simulation: the memory adapter, and between it and each process a network that fails. */
import {
  type CollectionSpec,
  type DocumentStore,
  type Mark,
  type StoredDocument,
  StoreError,
  type Verdict,
  type Write,
} from '@coachloop/document-store';
import { createMemoryStore } from '@coachloop/document-store/memory';
import type { FaultKind } from './faults.ts';
import type { CallKinds, SimProcess } from './process.ts';
import type { World } from './world.ts';

const KINDS: CallKinds = {
  away: 'store-away',
  answerLost: 'store-answer-lost',
  late: 'store-late',
  error: () => new StoreError('STORE_UNAVAILABLE', 'The simulated store does not answer.'),
};

/** What all processes share. */
export class StoreServer {
  readonly engine = createMemoryStore({ share: true });
  readonly #world: World;
  /** Writes that are on the primary, and not yet on a majority: nobody may read them, and no other write gets past them. */
  readonly #unsettled = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  get unsettled(): number {
    return this.#unsettled.size;
  }

  portOf(process: SimProcess): DocumentStore {
    return new SimStore(this, process);
  }

  /** Every write of a batch by itself, in any order, at different times; some perhaps not at all. */
  async save(collection: string, writes: readonly Write[], where: string): Promise<readonly Verdict[]> {
    const { faults, random } = this.#world;
    const happens = (kind: FaultKind) => writes.length > 0 && faults.armed && faults.due(kind);
    if (happens('save-conflict') && (await this.#touch(collection, random.pick(writes))))
      faults.happened('save-conflict', where);
    const rolledBack = happens('save-rolled-back') ? random.below(writes.length) : -1;
    const partial = happens('save-partial');
    const split = partial || rolledBack >= 0 || (writes.length > 1 && faults.hit('save-split', where));
    if (!split) return this.#unclear(await this.#write(collection, writes, where), where);
    const verdicts: Verdict[] = writes.map(() => 'unknown');
    const isSilent = partial && random.chance(0.5);
    const left = partial ? writes.map(() => random.chance(0.5)) : [];
    const isLeft = left.includes(true) && faults.happened('save-partial', where);
    // Where all of it is there, only the answer is lost.
    const isUntold = isSilent && (isLeft || faults.happened(KINDS.answerLost, where));
    for (const i of random.shuffle(writes.map((_, n) => n))) {
      if (isLeft && left[i]) continue;
      const write = writes[i] as Write;
      await this.#world.pause();
      verdicts[i] =
        i === rolledBack
          ? await this.#unsettledWrite(collection, write, where)
          : ((await this.#write(collection, [write], where))[0] ?? 'unknown');
    }
    // All unclear is what a driver tells by an error.
    if (isUntold) throw KINDS.error();
    return verdicts;
  }

  #unclear(verdicts: readonly Verdict[], where: string): readonly Verdict[] {
    const { faults, random } = this.#world;
    if (!faults.armed || !faults.due('save-unknown')) return verdicts;
    const told = verdicts.map((verdict) => (random.chance(0.5) ? 'unknown' : verdict));
    if (told.includes('unknown')) faults.happened('save-unknown', where);
    return told;
  }

  async #write(collection: string, writes: readonly Write[], by: string): Promise<readonly Verdict[]> {
    const free = writes.filter(({ document }) => !this.#unsettled.has(`${collection}/${document.id}`));
    const verdicts = await this.engine.save(collection, free);
    const won = new Set<Write>();
    free.forEach((write, i) => {
      if (verdicts[i] !== 'won') return;
      won.add(write);
      this.#world.ledger.saved(collection, write.document, by);
      if (write.document.body.state === null && collection.startsWith('probe-'))
        this.#world.faults.observed('document-deleted', `${collection}/${write.document.id}`);
    });
    return writes.map((write) => (won.has(write) ? 'won' : 'lost'));
  }

  /** The primary has it and dies, or does not die: until then nobody knows. */
  async #unsettledWrite(collection: string, write: Write, where: string): Promise<Verdict> {
    const { document, expectedVersion } = write;
    const name = `${collection}/${document.id}`;
    const [before] = await this.engine.load(collection, [document.id]);
    if (this.#unsettled.has(name) || (before?.version ?? 0) !== expectedVersion) return 'lost';
    this.#unsettled.add(name);
    await this.#world.pause(200);
    this.#unsettled.delete(name);
    const { faults, random } = this.#world;
    if (random.chance(0.5) && faults.happened('save-rolled-back', where)) return 'unknown';
    return (await this.#write(collection, [write], where))[0] ?? 'unknown';
  }

  /** Somebody else's write that changes nothing but the version. */
  async #touch(collection: string, { document }: Write): Promise<boolean> {
    const [now] = await this.engine.load(collection, [document.id]);
    if (!now) return false;
    const touched = { expectedVersion: now.version, document: { ...now, version: now.version + 1 } };
    return (await this.#write(collection, [touched], 'somebody else'))[0] === 'won';
  }
}

/** The store as one process sees it. */
class SimStore implements DocumentStore {
  readonly #server: StoreServer;
  readonly #engine: DocumentStore;
  readonly #process: SimProcess;

  constructor(server: StoreServer, process: SimProcess) {
    this.#server = server;
    this.#engine = server.engine;
    this.#process = process;
  }

  declare(collections: readonly CollectionSpec[]): Promise<void> {
    return this.#write('declare', () => this.#engine.declare(collections));
  }
  load(collection: string, ids: readonly string[]): Promise<readonly (StoredDocument | undefined)[]> {
    return this.#read(`load ${collection}`, () => this.#engine.load(collection, ids));
  }
  save(collection: string, writes: readonly Write[]): Promise<readonly Verdict[]> {
    const where = `save ${writes.length} ${collection}`;
    return this.#write(where, async () => {
      const verdicts = await this.#server.save(collection, writes, `${this.#process.name} ${where}`);
      if (verdicts.includes('won')) this.#process.wrote(where);
      return verdicts;
    });
  }
  query(collection: string, query: Parameters<DocumentStore['query']>[1]) {
    return this.#read(`query ${collection}`, () => this.#engine.query(collection, query));
  }
  due(collection: string, atMs: number, limit: number, lanes?: readonly string[]) {
    return this.#read(`due ${collection}`, () => this.#engine.due(collection, atMs, limit, lanes));
  }
  delete(collection: string, ids: readonly string[]): Promise<void> {
    return this.#write(`delete ${collection}`, async () => {
      await this.#engine.delete(collection, ids);
      this.#process.world.ledger.removed(collection, ids);
    });
  }
  raise(collection: string, marks: readonly Mark[]): Promise<void> {
    if (marks.length > 0)
      this.#process.world.faults.observed('inbox-rolled-over', `${this.#process.name} ${marks.length}`);
    return this.#write(`raise ${marks.length}`, () => this.#engine.raise(collection, marks));
  }
  marks(collection: string, ids: readonly string[]) {
    return this.#read(`marks ${ids.length}`, () => this.#engine.marks(collection, ids));
  }
  expireMarks(collection: string, nowMs: number): Promise<number> {
    return this.#write('expire marks', () => this.#engine.expireMarks(collection, nowMs));
  }
  scan(collection: string, options?: Parameters<DocumentStore['scan']>[1]) {
    return this.#read(`scan ${collection}`, () => this.#engine.scan(collection, options));
  }
  scanMarks(collection: string, options?: Parameters<DocumentStore['scanMarks']>[1]) {
    return this.#read(`scan ${collection}`, () => this.#engine.scanMarks(collection, options));
  }
  count(collection: string, query?: Parameters<DocumentStore['count']>[1]): Promise<number> {
    return this.#read(`count ${collection}`, () => this.#engine.count(collection, query));
  }
  healthy(): Promise<boolean> {
    return this.#engine.healthy();
  }
  async close(): Promise<void> {
    await this.#engine.close();
  }

  #read<T>(where: string, effect: () => Promise<T>): Promise<T> {
    return this.#process.read(KINDS, where, effect);
  }
  #write<T>(where: string, effect: () => Promise<T>): Promise<T> {
    return this.#process.write(KINDS, where, effect);
  }
}
