/**
 * A source is a plug-in: how one platform's requests become intake events. `verify` proves the sender, `split` cuts the
 * body into pieces so that one bad piece does not cost the others, `map` is pure: the same piece gives the same events
 * with the same ids, so that whatever is sent again is a repetition.
 */
import type { CallIntakeData, CallIntakeType } from '@coachloop/contracts';

export interface RawRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface SourceEvent {
  readonly id: string;
  readonly source: string;
  readonly type: CallIntakeType;
  /** When the source said it, ms. */
  readonly time: number;
  readonly data: CallIntakeData;
}

/** What was wrong, or worth knowing, and where: a JSON pointer into the piece. */
export interface Note {
  readonly code: string;
  readonly path: string;
  readonly reason: string;
}

export interface MappedCall {
  readonly sourceCallId: string;
  /** Where in the piece the call stands. */
  readonly path: string;
  readonly events: readonly SourceEvent[];
}

export interface Mapped {
  readonly calls: readonly MappedCall[];
  readonly rejected: readonly Note[];
  readonly warnings: readonly Note[];
}

/** A piece of the body, or why there is none. */
export type Piece = { readonly value: unknown } | { readonly fault: Note };

export interface MapOptions {
  /** CloudEvents `source` of the events. */
  readonly source: string;
  /** Cases may be opened although the calls are old. */
  readonly openCases: boolean;
}

/** The pieces of a body, or why nothing of it can be read. */
export type Split = { readonly pieces: readonly Piece[] } | { readonly fault: Note };

export interface Source {
  readonly name: string;
  /** Throws an `HttpProblem` when the sender cannot prove who it is. Absent: whoever may reach us may send. */
  readonly verify?: (request: RawRequest) => void | Promise<void>;
  /** Pure. */
  readonly split: (request: RawRequest) => Split;
  /** Pure, and never throws. */
  readonly map: (value: unknown, options: MapOptions) => Mapped;
}
