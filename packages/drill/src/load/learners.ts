/** The learning system: hears of assignments from the public log, and reports starts and completions, some twice, a few that are wrong; some are never completed. */
import { setTimeout } from 'node:timers/promises';
import type { TrainingEventData } from '@coachloop/contracts';
import { randomOf } from '@coachloop/simulator';
import type { Client } from './client.ts';
import type { Ledger, SentReport } from './ledger.ts';
import { type FeedEvent, Subscriber } from './subscriber.ts';

type Assigned = TrainingEventData<'training.assigned'>;

/** Before each report, in real time. */
const PAUSE_MS = { min: 100, max: 1_200 } as const;
const SHARES = { never: 0.12, starts: 0.7, passes: 0.85, twice: 0.2, wrong: 0.1 } as const;

export class Learners {
  readonly subscriber: Subscriber;
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #seed: number;
  readonly #nowMs: () => number;
  readonly #known = new Set<string>();
  readonly #learning = new Set<Promise<void>>();
  failed: unknown = null;

  /** `nowMs`: when the latest calls were made, by their own clock. */
  constructor(client: Client, ledger: Ledger, url: string, seed: number, nowMs: () => number) {
    this.#client = client;
    this.#ledger = ledger;
    this.#seed = seed;
    this.#nowMs = nowMs;
    this.subscriber = new Subscriber(url, 'training.assigned', (event) => this.#heard(event));
  }

  get learning(): number {
    return this.#learning.size;
  }

  #heard({ id, data }: FeedEvent): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    // Of few somebody has to be overdue, too.
    const isFirst = this.#known.size === 1;
    const work = this.#learn(id, data as Assigned, isFirst)
      .catch((error: unknown) => {
        this.failed ??= error;
      })
      .finally(() => this.#learning.delete(work));
    this.#learning.add(work);
  }

  async #learn(eventId: string, { assignmentId, course }: Assigned, isFirst: boolean): Promise<void> {
    const random = randomOf('drill-learner', this.#seed, eventId);
    const isNever = random.chance(SHARES.never) || isFirst;
    if (isNever) this.#ledger.unlearnt.set(eventId, assignmentId);
    // By the clock of the calls: what was learnt counts for those that begin from now on.
    const now = () => new Date(this.#nowMs()).toISOString();
    const pause = () => setTimeout(random.between(PAUSE_MS.min, PAUSE_MS.max));
    const report = async (kind: 'start' | 'completion', bodyOf: () => object) => {
      await pause();
      const body = bodyOf();
      const sourceId = `${kind}-${eventId}`;
      for (const _ of random.chance(SHARES.twice) ? [1, 2] : [1])
        await this.#report(kind, assignmentId, sourceId, { ...body, sourceId });
    };
    if (random.chance(SHARES.wrong)) await this.#wrong(assignmentId, now());
    if (random.chance(SHARES.starts)) await report('start', () => ({ startedAt: now() }));
    if (isNever) return;
    const passed = random.chance(SHARES.passes);
    const result = () => ({ courseId: course.id, completedAt: now(), passed, score: passed ? 85 : 40 });
    await report('completion', result);
  }

  async #report(kind: 'start' | 'completion', assignmentId: string, sourceId: string, body: object): Promise<void> {
    const path = `/training/v1/assignments/${assignmentId}/${kind === 'start' ? 'starts' : 'completions'}`;
    const { status, body: reply } = await this.#client.send({ path, body: JSON.stringify(body) });
    if (status !== 200) {
      this.#ledger.wrong(
        `answer: the ${kind} of ${assignmentId} was refused with ${status}: ${JSON.stringify(reply).slice(0, 300)}`,
      );
      return;
    }
    const { effect, stage } = reply as Pick<SentReport, 'effect' | 'stage'>;
    this.#ledger.reported({ assignmentId, sourceId, kind, effect, stage });
  }

  /** The course of somebody else. */
  async #wrong(assignmentId: string, completedAt: string): Promise<void> {
    const body = { courseId: 'poison', completedAt, passed: true, sourceId: `poison-${assignmentId}` };
    const path = `/training/v1/assignments/${assignmentId}/completions`;
    const { status, body: reply } = await this.#client.send({ path, body: JSON.stringify(body) });
    const { code } = reply as { readonly code?: string };
    this.#ledger.poisons += 1;
    if (code !== 'TRAINING_COURSE_DIFFERS')
      this.#ledger.wrong(`answer: a completion of another course was answered with ${status} ${code}`);
  }
}
