/** How long a call is waited for. Data of the installation; times in ms of service time. */
export interface IngestPolicy {
  /** After the end came without a transcript, or a transcript without an end. */
  readonly wait_ms: number;
  /** A call that never ends is completed this long after the last thing that was heard of it. */
  readonly lifetime_ms: number;
}

export const DEFAULT_POLICY: IngestPolicy = { wait_ms: 10 * 60_000, lifetime_ms: 24 * 3_600_000 };

/** What one call may hold. Beyond it an event is refused, and the call goes on without it. */
export const CALL_BOUNDS = {
  /** Queued, ringing, answered, held …: a call with more is a loop in the platform. */
  steps_max: 1_000,
  /** As many as the record can list. */
  holds_max: 200,
  agents_max: 100,
  /** About ten hours of speech; keeps the document far below the store's bound in any script. */
  transcript_chars_max: 600_000,
} as const;
