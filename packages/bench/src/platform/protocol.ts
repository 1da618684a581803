/** Between the bench and the process that runs the platform. */
export interface ChildOptions {
  readonly directory: string;
  /** Names of the services to run; absent: all. */
  readonly services?: readonly string[];
}

export type Ask = { readonly ask: 'rest' | 'usage' | 'stop' };

/** Times are wall-clock ms. */
export interface AtRest {
  /** Since when no service has anything left to read: all is scored, assigned and counted. */
  readonly handledMs: number;
  /** When the last acknowledged output had left the last outbox as well. */
  readonly restMs: number;
}

export interface Usage {
  /** User and system time of all threads of the process, ms. */
  readonly cpuMs: number;
  /** The same of the main thread alone: what nothing else can be done beside. */
  readonly mainMs: number;
  readonly rssMiB: number;
}

export type Tell =
  | { readonly tell: 'ready'; readonly url: string }
  | ({ readonly tell: 'rest' } & AtRest)
  | ({ readonly tell: 'usage' } & Usage)
  | { readonly tell: 'stopped' };
