/** Whether a member of a group gets anywhere. Brokers that answer say nothing about that, and a process that consumes nothing is not ready. */

/** A session that lasted this long was well. */
export const SESSION_MS_WELL = 60_000;
/** Sessions in a row that began, and ended soon after: a crash loop. */
const SHORT_SESSIONS_MAX = 5;

/** Why a session ended. `lost`: for want of a broker. `gone`: what it reads is not there. */
export type EndKind = 'lost' | 'gone' | 'other';

/** All times in ms of one clock that never goes back. */
export class Membership {
  readonly #group: string;
  readonly #apartMsMax: number;
  #apartSinceMs: number | undefined;
  #begunMs: number | undefined;
  #shortSessions = 0;
  #lastEnd = 'no answer yet';

  /** `apartMsMax`: how long it may be without a generation, as in a rebalance, before that is trouble. */
  constructor(group: string, apartMsMax: number, nowMs: number) {
    this.#group = group;
    this.#apartMsMax = apartMsMax;
    this.#apartSinceMs = nowMs;
  }

  /** A generation gave it partitions, or none, and it knows where to begin. */
  begun(nowMs: number): void {
    this.#apartSinceMs = undefined;
    this.#begunMs ??= nowMs;
  }

  /** The group meets anew. */
  apart(nowMs: number): void {
    this.#apartSinceMs ??= nowMs;
  }

  /** Its session is over. That brokers are restarted one after the other is no crash loop; that topics are gone is one, though it never begins. */
  ended(why: string, nowMs: number, ending: EndKind = 'other'): void {
    if (this.#isWell(nowMs)) this.#shortSessions = 0;
    else if (ending === 'gone' || (ending === 'other' && this.#begunMs !== undefined)) this.#shortSessions += 1;
    this.#begunMs = undefined;
    this.#lastEnd = why;
    this.apart(nowMs);
  }

  /** Why it gets nowhere, for people; absent: it is well, or it is too early to tell. */
  trouble(nowMs: number): string | undefined {
    const apartMs = nowMs - (this.#apartSinceMs ?? nowMs);
    if (apartMs > this.#apartMsMax)
      return `group ${this.#group} could not be joined for ${Math.round(apartMs / 1_000)} s: ${this.#lastEnd}`;
    if (this.#shortSessions >= SHORT_SESSIONS_MAX && !this.#isWell(nowMs))
      return `the consumer of group ${this.#group} ended ${this.#shortSessions} times in a row: ${this.#lastEnd}`;
    return undefined;
  }

  #isWell(nowMs: number): boolean {
    return this.#begunMs !== undefined && nowMs - this.#begunMs > SESSION_MS_WELL;
  }
}
