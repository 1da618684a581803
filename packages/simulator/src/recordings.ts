/**
 * Real conversations, as if a dozen agents had them on a running clock: each vCon gets one of the agents, a new time and a uuid that
 * follows from its own. Works on parsed JSON, whatever is in it: a document that is no vCon is passed on for the platform to refuse.
 */
import { documentIdOf } from '@coachloop/contracts';
import { checkWhole } from './centre.ts';
import { DEFAULT_PHRASES } from './phrases.ts';
import { type Random, randomOf, shuffled } from './random.ts';

export interface RecordingOptions {
  readonly seed: number;
  /** When the first conversation may begin, ms since the epoch. */
  readonly startMs: number;
  readonly agents?: number;
  /** How often all of them are played; each round has its own uuids. */
  readonly rounds?: number;
}

export interface Replay {
  /** When the conversation is over and the document can be sent. */
  readonly atMs: number;
  /** `R01` …; null: the document names no agent. */
  readonly agentKey: string | null;
  readonly vcon: unknown;
}

const GAP_SECONDS = { min: 20, max: 120 } as const;
const DURATION_MS = { min: 60_000, max: 86_400_000 } as const;
/** A chat may trickle on for hours; after this its agent takes the next conversation beside it. */
const BUSY_MS_MAX = 3_600_000;
const DEPTH_MAX = 64;

/** In the order of `atMs`. @throws SimulatorError SIM_ARGUMENT_INVALID */
export function* mapRecordings(vcons: readonly unknown[], options: RecordingOptions): Generator<Replay> {
  const { seed, startMs, agents = 12, rounds = 1 } = options;
  checkWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  checkWhole('startMs', startMs, Date.UTC(2000, 0, 2), Date.UTC(2100, 0, 1));
  checkWhole('agents', agents, 1, 1000);
  checkWhole('rounds', rounds, 1, 1000);
  for (const { vcon, index, round, agent, beginMs, endMs } of plan(vcons, seed, startMs, agents, rounds)) {
    const shiftMs = beginMs - (spanOf(vcon)?.startMs ?? beginMs);
    const original = isObject(vcon) && typeof vcon.uuid === 'string' ? vcon.uuid : index;
    const uuid = documentIdOf('replay', seed, round, original);
    yield { atMs: endMs, ...recast(vcon, agent, { shiftMs, uuid, endMs }) };
  }
}

function plan(vcons: readonly unknown[], seed: number, startMs: number, agents: number, rounds: number) {
  const random = randomOf(seed, 'replay');
  const readyMs = Array.from({ length: agents }, () => startMs);
  const planned: { vcon: unknown; index: number; round: number; agent: number; beginMs: number; endMs: number }[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { vcon, index } of shuffled(
      vcons.map((vcon, index) => ({ vcon, index })),
      random,
    )) {
      const agent = readyMs.indexOf(Math.min(...readyMs));
      const beginMs = (readyMs[agent] ?? startMs) + gapMs(random);
      const span = spanOf(vcon);
      const durationMs = span ? span.endMs - span.startMs : 0;
      const endMs = beginMs + Math.min(DURATION_MS.max, Math.max(DURATION_MS.min, durationMs));
      readyMs[agent] = Math.min(endMs, beginMs + BUSY_MS_MAX);
      planned.push({ vcon, index, round, agent, beginMs, endMs });
    }
  }
  return planned.sort((a, b) => a.endMs - b.endMs);
}

const gapMs = (random: Random): number => random.int(GAP_SECONDS.min, GAP_SECONDS.max) * 1000;

interface Target {
  readonly shiftMs: number;
  readonly endMs: number;
  readonly uuid: string;
}

function recast(vcon: unknown, agent: number, { shiftMs, endMs, uuid }: Target): Omit<Replay, 'atMs'> {
  if (!isObject(vcon)) return { agentKey: null, vcon };
  const parties: readonly unknown[] = Array.isArray(vcon.parties) ? vcon.parties : [];
  const place = parties.findIndex(isAgent);
  const old = parties[place];
  const person = personOf(agent);
  const moved = rewrite(vcon, shiftMs, isObject(old) ? namesOf(old, person) : new Map(), 0);
  if (!isObject(moved)) return { agentKey: null, vcon: moved };
  // Its clock was often another one than the dialog's; a document is written when the conversation is over.
  const stamped = { ...moved, uuid, created_at: new Date(endMs).toISOString() };
  if (!isObject(old)) return { agentKey: null, vcon: stamped };
  const recastParties = parties.map((party, index) => (index === place ? { ...keep(old), ...person } : party));
  return { agentKey: person.id, vcon: { ...stamped, parties: recastParties } };
}

function personOf(agent: number) {
  const { agentNames } = DEFAULT_PHRASES.en;
  const id = `R${String(agent + 1).padStart(2, '0')}`;
  return { name: agentNames[agent % agentNames.length] ?? id, mailto: `${id.toLowerCase()}@replay.example`, id };
}

/** Old → new. The same person is named in attachments too; where the id is the mail address, the address wins. */
function namesOf(old: Record<string, unknown>, person: ReturnType<typeof personOf>): Map<string, string> {
  const names = new Map<string, string>();
  for (const field of ['id', 'name', 'mailto'] as const) {
    const value = old[field];
    if (typeof value === 'string' && value !== '') names.set(value, person[field]);
  }
  return names;
}

/** What is left of the person replaced: the role, nothing that tells people apart. */
const keep = (party: Record<string, unknown>) => ({
  ...('role' in party ? { role: party.role } : {}),
  ...(isObject(party.meta) && 'role' in party.meta ? { meta: { role: party.meta.role } } : {}),
});

const isAgent = (party: unknown): boolean =>
  isObject(party) && (party.role === 'agent' || (isObject(party.meta) && party.meta.role === 'agent'));

/** Moves every string that is a time and nothing else, and renames every string that is the agent and nothing else. */
function rewrite(value: unknown, shiftMs: number, names: ReadonlyMap<string, string>, depth: number): unknown {
  if (typeof value === 'string') {
    const atMs = timeOf(value);
    return atMs === null ? (names.get(value) ?? value) : new Date(atMs + shiftMs).toISOString();
  }
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) return value.map((item) => rewrite(item, shiftMs, names, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, rewrite(item, shiftMs, names, depth + 1)]),
  );
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/;

/** A time without an offset is read as UTC. */
function timeOf(text: unknown): number | null {
  if (typeof text !== 'string' || text.length > 40) return null;
  const match = TIME.exec(text);
  if (!match) return null;
  const atMs = Date.parse(match[2] === undefined ? `${text}Z` : text);
  return Number.isNaN(atMs) ? null : atMs;
}

/** From the first dialog to the end of the last; null where no dialog has a time. */
function spanOf(vcon: unknown): { startMs: number; endMs: number } | null {
  if (!isObject(vcon) || !Array.isArray(vcon.dialog)) return null;
  let [startMs, endMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const dialog of vcon.dialog as readonly unknown[]) {
    const atMs = isObject(dialog) ? timeOf(dialog.start) : null;
    if (atMs === null) continue;
    const seconds = isObject(dialog) && typeof dialog.duration === 'number' ? Math.max(0, dialog.duration) : 0;
    startMs = Math.min(startMs, atMs);
    endMs = Math.max(endMs, atMs + seconds * 1000);
  }
  return startMs <= endMs ? { startMs, endMs: Math.min(endMs, startMs + DURATION_MS.max) } : null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
