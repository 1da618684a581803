/** Between the bench and the process in which the clients of the stream live. */
export interface ClientsOptions {
  readonly url: string;
  readonly clients: number;
}

export type ClientsTell =
  | { readonly tell: 'connected' }
  /** For each message of events: the ids that it brought, and when it reached how many clients (wall-clock ms → count). */
  | { readonly tell: 'heard'; readonly frames: readonly Frame[]; readonly dropped: number };

export interface Frame {
  readonly ids: readonly string[];
  readonly arrivals: readonly (readonly [ms: number, clients: number])[];
}
