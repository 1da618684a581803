/** The other processes of an installation, as one that looks after all of it sees them: asked for their status over HTTP. */
import type { ServiceStatus } from './ops/status.ts';

/** One service in a process of its own, or several instances behind a balancer. */
export interface Peer {
  readonly name: string;
  /** `http://host:port` */
  readonly url: string;
}

/** What a peer said of itself; null: it does not answer. */
export interface PeerStatus {
  readonly peer: Peer;
  readonly status: { readonly reasons: readonly string[]; readonly services: readonly ServiceStatus[] } | null;
}

const ANSWER_MS_MAX = 2_000;

export class Peers {
  readonly #peers: readonly Peer[];
  /** Wall-clock ms since when a peer has not answered. */
  readonly #awaySince = new Map<string, number>();
  #stalled: readonly { readonly service: string; readonly ms: number; readonly reason: string | null }[] = [];

  constructor(peers: readonly Peer[]) {
    this.#peers = peers;
  }

  /** What of them has stood still, as of the last time they were asked. */
  get stalled() {
    return this.#stalled;
  }

  async ask(): Promise<readonly PeerStatus[]> {
    const found = await Promise.all(this.#peers.map(askOne));
    this.#stalled = found.flatMap((one) => this.#stallsOf(one));
    return found;
  }

  #stallsOf({ peer, status }: PeerStatus) {
    if (status !== null) {
      this.#awaySince.delete(peer.name);
      return status.services.flatMap(({ name, stalledMs, stallReason }) =>
        stalledMs > 0 ? [{ service: name, ms: stalledMs, reason: stallReason }] : [],
      );
    }
    const since = this.#awaySince.get(peer.name) ?? performance.now();
    this.#awaySince.set(peer.name, since);
    return [{ service: peer.name, ms: Math.round(performance.now() - since), reason: awayReason(peer) }];
  }
}

export const awayReason = ({ name, url }: Peer): string => `${name} does not answer at ${url}`;

async function askOne(peer: Peer): Promise<PeerStatus> {
  try {
    const response = await fetch(`${peer.url}/ops/v1/status?own=true`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const body = (await response.json()) as Partial<NonNullable<PeerStatus['status']>>;
    if (!response.ok || !Array.isArray(body.services)) return { peer, status: null };
    return { peer, status: { reasons: body.reasons ?? [], services: body.services } };
  } catch {
    return { peer, status: null };
  }
}
