/** A server that somebody runs for us, or that we started. */
export interface RunningServer {
  /** What clients are told: `host:port,…` or a URI. */
  readonly address: string;
  /** What it is and where it came from, with versions: for people. */
  readonly description: string;
  /** Ends what was started and removes its data; what was there before is left alone. */
  stop(): Promise<void>;
}

/** Where a server can come from, cheapest for its user first. */
export type Origin = 'environment' | 'docker' | 'java';
