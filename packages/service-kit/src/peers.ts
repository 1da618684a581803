/** The other processes of an installation, as one that looks after all of it sees them: asked for their status over HTTP. */
import type { HealthFigures } from '@coachloop/contracts';
import type { ServiceStatus } from './ops/status.ts';

/** One service in a process of its own, or several instances behind a balancer. */
export interface Peer {
  readonly name: string;
  /** `http://host:port` */
  readonly url: string;
}

/** What a process said of itself; null: it does not answer. */
export interface PeerStatus {
  readonly url: string;
  /** The services that are looked for there. */
  readonly names: readonly string[];
  readonly status: { readonly reasons: readonly string[]; readonly services: readonly ServiceStatus[] } | null;
}

/** Twice as long as a peer itself waits for a log or a store, so that it can say, on a busy machine too, that it does not answer. */
const ANSWER_MS_MAX = 4_000;

export class Peers {
  /** Names by address: several services may share a process. */
  readonly #namesByUrl: ReadonlyMap<string, readonly string[]>;
  /** Monotonic ms since when an address has not answered. */
  readonly #awaySince = new Map<string, number>();
  #stalled: HealthFigures['stalled'] = [];

  constructor(peers: readonly Peer[]) {
    const byUrl = Map.groupBy(peers, ({ url }) => url);
    this.#namesByUrl = new Map([...byUrl].map(([url, list]) => [url, list.map(({ name }) => name)]));
  }

  /** What of them has stood still, as of the last time they were asked. */
  get stalled() {
    return this.#stalled;
  }

  async ask(): Promise<readonly PeerStatus[]> {
    const found = await Promise.all([...this.#namesByUrl].map(([url, names]) => askOne(url, names)));
    this.#stalled = found.flatMap((one) => this.#stallsOf(one));
    return found;
  }

  #stallsOf({ url, names, status }: PeerStatus): HealthFigures['stalled'] {
    if (status !== null) {
      this.#awaySince.delete(url);
      return status.services.flatMap(({ name, stalledMs, stallReason }) =>
        stalledMs > 0 ? [{ service: name, ms: stalledMs, reason: stallReason, away: false }] : [],
      );
    }
    const since = this.#awaySince.get(url) ?? performance.now();
    this.#awaySince.set(url, since);
    const ms = Math.round(performance.now() - since);
    return names.map((service) => ({ service, ms, reason: awayReason(service, url), away: true }));
  }
}

export const awayReason = (name: string, url: string): string => `${name} does not answer at ${url}`;

/** Of another release it may be less. */
interface Said {
  readonly reasons?: readonly string[];
  readonly services?: readonly (Pick<ServiceStatus, 'name'> & Partial<ServiceStatus>)[];
}
const UNKNOWN = { away: false, handled: null, parked: null, lag: null, stalledMs: 0, stallReason: null };

async function askOne(url: string, names: readonly string[]): Promise<PeerStatus> {
  const away = { url, names, status: null };
  try {
    const response = await fetch(`${url}/ops/v1/status?own=true`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const body = (await response.json()) as Said;
    if (!response.ok || !body.services?.every(({ name }) => typeof name === 'string')) return away;
    const services = body.services.map((row) => ({ ...UNKNOWN, ...row }));
    return { url, names, status: { reasons: body.reasons ?? [], services } };
  } catch {
    return away;
  }
}
