/** A process per service, some of them twice, on a real Kafka and a MongoDB stand-in: as an installation of many machines, on one. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PUBLIC_TOPICS, type ServiceName } from '@coachloop/contracts';
import type { LogRecord } from '@coachloop/event-log';
import { type Foreign, openForeign } from '@coachloop/event-log/foreign';
import {
  type Deployment,
  FROZEN_ANYWHERE,
  type Moved,
  NOT_PASSED,
  type StrangeRecord,
  type Survived,
} from '../deployment.ts';
import { DrillError } from '../errors.ts';
import { newFolder } from '../folder.ts';
import { FAILED } from '../load/clerk.ts';
import { cleanEnvironment, MAIN } from '../process.ts';
import { type Fault, placeOf, TIMED } from '../schedule.ts';
import { type Site, writeSite } from '../site.ts';
import { verifyAt } from '../verify.ts';
import { Fleet } from './fleet.ts';
import { endsOf } from './hours.ts';
import type { Member } from './member.ts';
import { NewerRelease } from './newer-release.ts';
import { OFFSET_MS_MAX } from './schedule.ts';
import { Servers } from './servers.ts';
import { setBack } from './set-back.ts';
import { Turn } from './turn.ts';

/** How long a point may take to be passed so often; a group that waits for a member stands still for 30 s of it. */
const PASS_MS_MAX = 90_000;
/** How long a release that fails may stay longer, until something came at which it does. */
const PARKED_MS_MAX = 40_000;
const ANSWER_MS_MAX = 5_000;
const LOOK_MS = 500;
const INTAKE = 'call-intake';

export interface DistributedOptions {
  readonly site: Site;
  readonly mutant: string | null;
  /** It will run for long, and the servers are to be fast rather than to start quickly. */
  readonly lasting: boolean;
}

interface Installation {
  readonly servers: Servers;
  readonly fleet: Fleet;
  readonly foreign: Foreign;
  readonly newer: NewerRelease;
  readonly env: Readonly<Record<string, string>>;
}

export class DistributedDeployment implements Deployment {
  /** Two that were killed and one that is frozen, and what remains still has to work. */
  readonly atOnce = 3;
  readonly armsAhead = false;
  readonly directory = newFolder();
  readonly #o: DistributedOptions;
  readonly #closing = new AbortController();
  /** Each thing as it comes into being; they go in the reverse order. */
  readonly #leavings = new AsyncDisposableStack();
  #made: Installation | null = null;
  #preparing: Promise<void> | null = null;
  #discarded: Promise<void> | null = null;
  #verified: string | null = 'it was not asked';
  readonly #broker = new Turn();
  readonly #store = new Turn();
  /** The number of a service's processes does not change while something is done to all of them. */
  readonly #numbers = new Turn();

  constructor(options: DistributedOptions) {
    this.#o = options;
  }

  prepare(): Promise<void> {
    this.#preparing ??= this.#prepare();
    return this.#preparing;
  }

  /** @throws ServerError where there is no Java to run them with. */
  async #prepare(): Promise<void> {
    const { mutant, lasting, site } = this.#o;
    const { signal } = this.#closing;
    const servers = await Servers.start(this.directory, lasting);
    this.#leavings.defer(() => servers.stop());
    signal.throwIfAborted();
    const env = {
      KAFKA_BROKERS: servers.kafka.address,
      MONGODB_URI: servers.mongo.address,
      COACHLOOP_CUSTOMER_KEY: randomBytes(32).toString('hex'),
      COACHLOOP_SITE: writeSite(this.directory, site),
    };
    const fleet = await Fleet.make({ directory: join(this.directory, 'logs'), env, mutant });
    this.#leavings.defer(() => fleet.discard());
    signal.throwIfAborted();
    const foreign = await openForeign(servers.brokers);
    this.#leavings.defer(() => foreign.close().catch(() => undefined));
    this.#made = { servers, fleet, foreign, newer: new NewerRelease(servers.mongo.address), env };
  }

  get #installation(): Installation {
    if (!this.#made) throw new Error('It was not prepared.');
    return this.#made;
  }

  get #servers(): Servers {
    return this.#installation.servers;
  }

  get #fleet(): Fleet {
    return this.#installation.fleet;
  }

  get description(): string {
    return this.#servers.description;
  }

  get url(): string {
    return this.#fleet.url;
  }

  readonly bus = async ({ key, headers, value }: StrangeRecord): Promise<void> => {
    await this.#installation.foreign.send([
      { topic: INTAKE, key: Buffer.from(key), headers, value: value === null ? null : Buffer.from(value) },
    ]);
  };

  async start(): Promise<void> {
    await Promise.all([this.#coachloop('topics', 'apply'), this.#coachloop('indexes', 'apply')]);
    this.#closing.signal.throwIfAborted();
    for (const member of this.#fleet.all) member.launch();
    await this.#fleet.ready();
  }

  async #coachloop(...args: readonly string[]): Promise<void> {
    const options = { env: { ...cleanEnvironment(), ...this.#installation.env }, signal: this.#closing.signal };
    await promisify(execFile)(process.execPath, [MAIN, ...args], options).catch((error: unknown) => {
      throw new DrillError('DRILL_NOT_PREPARED', error instanceof Error ? error.message : String(error));
    });
  }

  async inflict(fault: Fault): Promise<Survived> {
    if (fault.kind === 'disk-full' && typeof this.#servers.disk === 'string')
      return { fault, recoveredMs: null, notRun: this.#servers.disk };
    const { atMs, ...more } = await this.#done(fault);
    this.#assertAlive();
    return { fault, recoveredMs: performance.now() - atMs, ...more };
  }

  /** Makes it happen, and everything that it concerns ready again. `atMs`: when it happened. */
  async #done(fault: Fault): Promise<{ readonly atMs: number } & Pick<Survived, 'note' | 'again' | 'moved'>> {
    switch (fault.kind) {
      case 'kill-one':
        return this.#toMember(fault, async (member) => {
          const atMs = performance.now();
          await member.kill();
          await again(member);
          return { atMs };
        });
      case 'crash':
        // Whichever instance it is, its turn comes.
        return this.#toMember({ ...fault, instance: fault.passes }, async (member) => {
          await member.stop();
          member.launch({ at: placeOf(fault) });
          const isPassed = await member.crashed(PASS_MS_MAX);
          const atMs = performance.now();
          await again(member);
          return isPassed ? { atMs } : { atMs, note: NOT_PASSED };
        });
      case 'freeze':
        return this.#toMember(fault, async (member) => {
          await member.freeze(fault.ms);
          const atMs = performance.now();
          await member.ready();
          return { atMs };
        });
      case 'freeze-at':
        return this.#toMember({ ...fault, instance: fault.passes }, async (member) => {
          await member.stop();
          member.launch({ at: placeOf(fault), freezeMs: fault.ms });
          const isPassed = await member.frozen(fault.ms, PASS_MS_MAX);
          const atMs = performance.now();
          await member.ready();
          return isPassed ? { atMs } : { atMs, note: FROZEN_ANYWHERE };
        });
      case 'clock':
        return this.#toMember(fault, async (member) => {
          const atMs = performance.now();
          await member.stop();
          member.offsetMs = fault.offsetMs;
          await again(member);
          return { atMs };
        });
      case 'instance-added': {
        return this.#numbers.take(async () => {
          const atMs = performance.now();
          const member = await this.#fleet.grow(fault.service);
          await member.inTurn(() => member.ready());
          return { atMs };
        });
      }
      case 'instance-removed': {
        return this.#numbers.take(async () => {
          const atMs = performance.now();
          const member = this.#fleet.takeLast(fault.service);
          await member?.inTurn(() => member.stop());
          return { atMs };
        });
      }
      case 'read-again':
        return this.#numbers.take(() => this.#readAgain(fault.service));
      case 'defect':
        return this.#numbers.take(() => this.#defect(fault));
      case 'newer-release': {
        const atMs = performance.now();
        const documents = await this.#installation.newer.writes(fault.service);
        return { atMs, note: `${documents} documents` };
      }
      case 'service-down':
      case 'hours-later':
        return this.#numbers.take(() => this.#down(fault));
      case 'broker-killed':
        return this.#toServer(this.#broker, async () => awayFor(await this.#servers.killBroker(fault.downMs)));
      case 'store-killed':
        return this.#toServer(this.#store, async () => awayFor(await this.#servers.killStore(fault.downMs)));
      case 'store-slow':
        return this.#toServer(this.#store, async () => {
          await this.#servers.slowStore(fault.ms);
          return null;
        });
      case 'disk-full':
        return this.#toServer(this.#broker, async () => {
          const became = await this.#servers.fillDisk(fault.freeKiB * 1_024);
          return became === 'ended' ? null : 'the broker went on, and was killed';
        });
      default:
        throw new Error(`An installation of many processes has no ${fault.kind}.`);
    }
  }

  #readAgain(service: ServiceName): Promise<{ readonly atMs: number; readonly note: string; readonly again: number }> {
    return this.#fleet.ofServiceInTurn(service, async (members) => {
      const atMs = performance.now();
      await Promise.all(members.map((member) => member.stop()));
      const records = await setBack(this.#servers.brokers, service);
      await Promise.all(members.map(again));
      return { atMs, note: `${records} records`, again: records };
    });
  }

  #defect({ service, percent, ms }: Extract<Fault, { readonly kind: 'defect' }>) {
    return this.#fleet.ofServiceInTurn(service, async (members) => {
      const stop = () => Promise.all(members.map((member) => member.stop()));
      await stop();
      const before = await this.#failedOf(service);
      for (const member of members) member.launch(null, { COACHLOOP_FAILING_PERCENT: String(percent) });
      await Promise.all(members.map((member) => member.ready()));
      await setTimeout(ms);
      const isParked = await this.#hasParkedMore(service, before);
      const atMs = performance.now();
      await stop();
      await Promise.all(members.map(again));
      return isParked ? { atMs } : { atMs, note: 'nothing came at which it failed' };
    });
  }

  /** Whether it has failed at anything since: where little comes, the first takes a while. */
  async #hasParkedMore(service: ServiceName, before: ReadonlySet<string> | null): Promise<boolean> {
    let known = before;
    for (const untilMs = performance.now() + PARKED_MS_MAX; performance.now() < untilMs; await setTimeout(LOOK_MS)) {
      const found = await this.#failedOf(service);
      known ??= found;
      if (found && known && !found.isSubsetOf(known)) return true;
    }
    return false;
  }

  /** Ids of letters about what the service failed at; of very many the newest. Null: nobody answered soon. */
  async #failedOf(service: ServiceName): Promise<ReadonlySet<string> | null> {
    const found = ['open', 'replayed'].map(async (status) => {
      const path = `/ops/v1/dead-letters?service=${service}&code=${FAILED}&status=${status}&limit=200`;
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
      const response = await fetch(this.url + path, { signal });
      const { items } = (await response.json()) as { readonly items: readonly { readonly id: string }[] };
      return items.map(({ id }) => id);
    });
    return Promise.all(found).then(
      (ids) => new Set(ids.flat()),
      () => null,
    );
  }

  #down(
    fault: Extract<Fault, { readonly kind: 'service-down' | 'hours-later' }>,
  ): Promise<{ readonly atMs: number } & Pick<Survived, 'note' | 'moved'>> {
    return this.#fleet.ofServiceInTurn(fault.service, async ([first, ...others]) => {
      if (!first) throw new Error(`There is no ${fault.service}.`);
      await Promise.all([first, ...others].map((member) => member.kill()));
      const killedMs = Date.now();
      await setTimeout(fault.downMs);
      const moved = fault.kind === 'hours-later' ? { moved: await this.#forward(fault, killedMs) } : {};
      first.launch({ at: placeOf(fault) });
      for (const member of others) member.launch();
      const isPassed = await first.crashed(PASS_MS_MAX);
      const atMs = performance.now();
      first.launch();
      await Promise.all([first, ...others].map((member) => member.ready()));
      return { atMs, ...moved, ...(isPassed ? {} : { note: NOT_PASSED }) };
    });
  }

  /** The clocks of a service of which nothing has run since `killedMs`. */
  async #forward(
    { service, byMs }: Extract<Fault, { readonly kind: 'hours-later' }>,
    killedMs: number,
  ): Promise<Moved> {
    const { hours } = this.#fleet;
    const beforeMs = killedMs + hours.aheadMs(service) + OFFSET_MS_MAX;
    hours.forward(service, byMs);
    return { service, beforeMs, ends: await endsOf(this.#servers.brokers, 'qa-events') };
  }

  async passTime(): Promise<void> {
    const pass = (service: ServiceName) =>
      this.#fleet.ofServiceInTurn(service, async (members) => {
        await Promise.all(members.map((member) => member.stop()));
        this.#fleet.hours.fly(service);
        await Promise.all(members.map(again));
      });
    await Promise.all(TIMED.map(pass));
    this.#assertAlive();
  }

  #toMember<T>(target: Parameters<Fleet['member']>[0], work: (member: Member) => Promise<T>): Promise<T> {
    const member = this.#fleet.member(target);
    return member.inTurn(() => work(member));
  }

  async #toServer(server: Turn, work: () => Promise<string | null>) {
    const { atMs, note } = await server.take(() => timed(work));
    await this.#fleet.ready();
    return note === null ? { atMs } : { atMs, note };
  }

  /** @throws DrillError */
  #assertAlive(): void {
    const [death] = this.#fleet.deaths;
    if (death !== undefined) throw new DrillError('DRILL_DIED', death);
  }

  async stop(): Promise<void> {
    this.#assertAlive();
    this.#verified = await verifyAt(this.url, this.#closing.signal);
    await Promise.all(this.#fleet.all.map((member) => member.stop()));
  }

  /** By plain kafkajs: nothing of ours stands between. */
  async read(onRecord: (record: LogRecord) => void): Promise<void> {
    const known: readonly string[] = [...PUBLIC_TOPICS, INTAKE];
    const isWanted = (topic: string) => known.includes(topic) || topic.endsWith('.dead-letter');
    await this.#installation.foreign.readAll(isWanted, ({ headers, value, ...place }) =>
      onRecord({
        ...place,
        headers: Object.fromEntries([...headers].map(([name, text]) => [name, Buffer.from(text)])),
        value: value === null ? null : Buffer.from(value),
      }),
    );
  }

  fieldsLost(): Promise<readonly string[]> {
    return this.#installation.newer.lost();
  }

  async verify(): Promise<string | null> {
    return this.#verified;
  }

  get kept(): string {
    return join(this.directory, 'logs');
  }

  get lookAtIt(): readonly string[] {
    return ['  what each process logged; the data of broker and database are gone with them'];
  }

  discard(keep: boolean): Promise<void> {
    this.#closing.abort();
    this.#discarded ??= this.#discard(keep);
    return this.#discarded;
  }

  async #discard(keep: boolean): Promise<void> {
    await this.#preparing?.catch(() => undefined);
    await this.#leavings.disposeAsync();
    if (!keep) rmSync(this.directory, { recursive: true, force: true });
  }
}

async function again(member: Member): Promise<void> {
  member.launch();
  await member.ready();
}

async function timed(work: () => Promise<string | null>) {
  const atMs = performance.now();
  return { atMs, note: await work() };
}

const awayFor = (ms: number): string => `itself away for ${(ms / 1_000).toFixed(1)} s`;
