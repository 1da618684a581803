import type { CollectionSpec, StoredDocument, Write } from '../src/index.ts';

/** 500 documents of about 2 KB, as the kernel writes them: state, inbox, outbox, a timer, two indexes. */
export const COUNT = 500;
export const COLLECTION: CollectionSpec = {
  name: 'calls',
  indexes: [
    { name: 'by_agent', fields: ['state.agentId', 'state.endedAt'] },
    { name: 'by_end', fields: ['state.endedAt'] },
  ],
};
export const IDS: readonly string[] = Array.from({ length: COUNT }, (_, i) => `call-${i}`);

const BODIES = IDS.map((_, i) => {
  const state = {
    agentId: `agent-${i % 50}`,
    endedAt: 1_700_000_000_000 + i,
    score: i * 1.5,
    text: 'agreed '.repeat(180),
  };
  const inbox = Array.from({ length: 8 }, (_, k) => ({
    stream: `qa|${i}|${k}`,
    seq: k * i,
    born: 1_700_000_000_000 + k,
  }));
  return { state, inbox, outbox: [] };
});

/** The bodies are shared, so that the collector's work on the bench's own data is not measured. */
export function documents(version: number): StoredDocument[] {
  return BODIES.map((body, i) => {
    return { id: `call-${i}`, version, wakeAt: 1_700_000_000_000 + i + version, lane: String(i % 8), body };
  });
}

export function writes(version: number): Write[] {
  return documents(version).map((document) => ({ expectedVersion: version - 1, document }));
}

export interface Cost {
  readonly wallMs: number;
  /** CPU of the calling thread, and of all threads: these say more than the wall clock on a machine that is shared. */
  readonly threadMs: number;
  readonly processMs: number;
}

/** The cost of one call, after a few calls that do not count. */
export async function measure(rounds: number, call: (round: number) => unknown): Promise<Cost> {
  for (let round = 0; round < 5; round++) await call(round);
  const wall = performance.now();
  const thread = process.threadCpuUsage();
  const all = process.cpuUsage();
  for (let round = 5; round < rounds + 5; round++) await call(round);
  const cpuMs = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000 / rounds;
  return {
    wallMs: (performance.now() - wall) / rounds,
    threadMs: cpuMs(process.threadCpuUsage(thread)),
    processMs: cpuMs(process.cpuUsage(all)),
  };
}
