/** The processes of an installation: which there are, what they are told, and whether all of them can work. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastingPort } from '@coachloop/servers';
import { clockEnv } from '../clock.ts';
import { nameOf, type ProcessName, type Target } from '../schedule.ts';
import { Hours } from './hours.ts';
import { Member } from './member.ts';
import { INSTANCES } from './schedule.ts';

export interface FleetOptions {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mutant: string | null;
}

export class Fleet {
  readonly #o: FleetOptions;
  readonly #members: Member[] = [];
  /** Also those that were taken out, and may still be ending. */
  readonly #ever: Member[] = [];
  #isDiscarded = false;
  readonly hours = new Hours();
  /** Of processes that ended though nobody had asked them to. */
  readonly deaths: string[] = [];
  #frontUrl = '';
  #env: Readonly<Record<string, string>> = {};
  #made = 0;

  private constructor(options: FleetOptions) {
    this.#o = options;
  }

  static async make(options: FleetOptions): Promise<Fleet> {
    mkdirSync(options.directory, { recursive: true });
    const fleet = new Fleet(options);
    const ports = new Map<ProcessName, number>();
    for (const service of Object.keys(INSTANCES) as ProcessName[]) ports.set(service, await lastingPort());
    const places = [...ports].filter(([service]) => service !== 'console');
    const at = (port: number) => `http://127.0.0.1:${port}`;
    fleet.#env = {
      ...options.env,
      COACHLOOP_SERVICES: places.map(([name, port]) => `${name}=${at(port)}`).join(','),
    };
    fleet.#frontUrl = at(ports.get('console') ?? 0);
    for (const [service, port] of ports) {
      fleet.#add(service, port);
      for (let more = 1; more < INSTANCES[service]; more += 1) fleet.#add(service, await lastingPort());
    }
    return fleet;
  }

  get url(): string {
    return this.#frontUrl;
  }

  get all(): readonly Member[] {
    return this.#members;
  }

  #add(service: ProcessName, port: number): Member {
    const instance = this.#of(service).length;
    this.#made += 1;
    const member = new Member({
      service,
      name: nameOf({ service, instance }),
      port,
      env: this.#env,
      mutant: this.#o.mutant,
      clockEnv: (ownMs) => clockEnv(this.hours.clockOf(service, ownMs)),
      logFile: join(this.#o.directory, `${service}-${instance + 1}-${this.#made}.log`),
      onDeath: (what) => this.deaths.push(what),
    });
    this.#members.push(member);
    this.#ever.push(member);
    return member;
  }

  async grow(service: ProcessName): Promise<Member> {
    const port = await lastingPort();
    if (this.#isDiscarded) throw new Error('The installation was discarded.');
    const member = this.#add(service, port);
    member.launch();
    return member;
  }

  /** The last of a service, out of the list: whatever comes now happens to others. Null: there is but one. */
  takeLast(service: ProcessName): Member | null {
    const last = this.#of(service).at(-1);
    if (!last || this.#of(service).length === 1) return null;
    this.#members.splice(this.#members.indexOf(last), 1);
    last.isRetired = true;
    return last;
  }

  member({ service, instance }: Target): Member {
    const list = this.#of(service);
    const found = list[instance % list.length];
    if (!found) throw new Error(`There is no ${service}.`);
    return found;
  }

  /** All to which nothing is being done. */
  async ready(): Promise<void> {
    for (const member of [...this.#members]) await member.settled();
  }

  async discard(): Promise<void> {
    this.#isDiscarded = true;
    await Promise.allSettled(this.#ever.map((member) => member.discard()));
  }

  /** All instances of a service, while nothing else is done to any of them. */
  ofServiceInTurn<T>(service: ProcessName, work: (members: readonly Member[]) => Promise<T>): Promise<T> {
    const members = this.#of(service);
    const inTurn = (rest: readonly Member[]): Promise<T> => {
      const [first, ...others] = rest;
      return first ? first.inTurn(() => inTurn(others)) : work(members);
    };
    return inTurn(members);
  }

  #of(service: ProcessName): readonly Member[] {
    return this.#members.filter((member) => member.service === service);
  }
}
