/** The embedded default: every service in one process on one data folder, on a small disk where one can be mounted. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { LogRecord } from '@coachloop/event-log';
import { openEmbeddedLog } from '@coachloop/event-log/embedded';
import { lastingPort } from '@coachloop/servers';
import { systemClock } from '@coachloop/service-kit';
import { type ClockSet, clockEnv, PASSED_MS } from '../clock.ts';
import { type Deployment, NOT_PASSED, type Survived } from '../deployment.ts';
import { SmallDisk } from '../disk.ts';
import { DrillError } from '../errors.ts';
import { newFolder } from '../folder.ts';
import { PlatformProcess } from '../process.ts';
import { type Fault, placeOf, wordsOf } from '../schedule.ts';
import { type Site, writeSite } from '../site.ts';
import { verifyFolder } from '../verify.ts';

/** A busy machine may take long; a start without anything to do takes two seconds. */
const READY_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;
/** How long a point may take to be passed so often; then it is a kill like any other. */
const PASS_MS_MAX = 15_000;
const FULL_MS_MAX = 30_000;

export interface EmbeddedOptions {
  readonly site: Site;
  readonly mutant?: string | null;
  /** Without a disk of its own, where nothing will fill it. */
  readonly plain?: boolean;
}

export class EmbeddedDeployment implements Deployment {
  readonly atOnce = 1;
  readonly armsAhead = true;
  readonly bus = null;
  readonly #root = newFolder();
  readonly #mutant: string | null;
  readonly #plain: boolean;
  readonly #site: Site;
  #clock: ClockSet = { offsetMs: 0, isFlying: false };
  readonly #closing = new AbortController();
  #port = 0;
  #disk: SmallDisk | string = 'not asked for';
  #preparing: Promise<void> | null = null;
  #discarded: Promise<void> | null = null;
  #process: PlatformProcess | null = null;
  #armed: Fault | null = null;
  /** A crash that came before its turn: while its process was still starting. */
  #early: Survived | null = null;

  constructor({ site, mutant = null, plain = false }: EmbeddedOptions) {
    this.#site = site;
    this.#mutant = mutant;
    this.#plain = plain;
  }

  prepare(): Promise<void> {
    this.#preparing ??= this.#prepare();
    return this.#preparing;
  }

  async #prepare(): Promise<void> {
    this.#port = await lastingPort();
    if (!this.#plain) this.#disk = await SmallDisk.mounted(this.#root);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get directory(): string {
    return typeof this.#disk === 'string' ? join(this.#root, 'data') : join(this.#disk.directory, 'data');
  }

  async start(next: Fault | null): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    const env = { COACHLOOP_SITE: writeSite(this.#root, this.#site), ...clockEnv(this.#clock) };
    let fallenMs: number | null = null;
    let armed = next?.kind === 'crash' ? next : null;
    for (;;) {
      this.#closing.signal.throwIfAborted();
      this.#armed = armed;
      this.#process = new PlatformProcess({
        args: ['up', '--no-demo', '--data', this.directory, '--port', String(this.#port)],
        env,
        armed: armed && { at: placeOf(armed) },
        mutant: this.#mutant,
      });
      const end = await this.#process.untilReady(this.url, READY_MS_MAX);
      if (end === 'late') throw new DrillError('DRILL_NOT_READY', `${READY_MS_MAX} ms. It said: ${this.#process.said}`);
      if (end === null) break;
      if (!armed || end.signal !== 'SIGKILL') throw this.#died();
      fallenMs = end.atMs;
      armed = null; // it has happened; what comes after it is not known here
    }
    if (fallenMs !== null && next)
      this.#early = { fault: next, recoveredMs: performance.now() - fallenMs, note: 'while it was starting' };
  }

  async inflict(fault: Fault, next: Fault | null): Promise<Survived> {
    const early = this.#early;
    this.#early = null;
    if (early?.fault === fault) return early;
    if (fault.kind === 'disk-full' && typeof this.#disk === 'string')
      return { fault, recoveredMs: null, notRun: this.#disk };
    if (fault.kind === 'crash' && this.#armed !== fault) {
      // What was armed last was something else: this life ends too.
      await this.#kill();
      await this.start(fault);
      if (this.#early) return this.inflict(fault, next);
    }
    const { atMs, note } = await this.#end(fault);
    await this.start(next);
    return { fault, recoveredMs: performance.now() - atMs, ...(note === undefined ? {} : { note }) };
  }

  async #end(fault: Fault): Promise<{ readonly atMs: number; readonly note?: string }> {
    const process = this.#running();
    if (process.end && fault.kind !== 'crash') throw this.#died();
    switch (fault.kind) {
      case 'kill':
        return { atMs: await this.#kill() };
      case 'crash': {
        const passed = await Promise.race([process.ended, setTimeout(PASS_MS_MAX, null, { ref: false })]);
        if (passed?.signal === 'SIGKILL') return { atMs: passed.atMs };
        if (passed) throw this.#died();
        return { atMs: await this.#kill(), note: NOT_PASSED };
      }
      case 'restart':
        return { atMs: await this.#stopInOrder() };
      case 'disk-full':
        return { atMs: await this.#fill(fault.freeKiB * 1_024) };
      default:
        throw new Error(`One process has no ${fault.kind}.`);
    }
  }

  async #kill(): Promise<number> {
    const process = this.#running();
    process.signal('SIGKILL');
    return (await process.ended).atMs;
  }

  async #stopInOrder(): Promise<number> {
    const process = this.#running();
    const atMs = performance.now();
    process.signal('SIGTERM');
    const end = await Promise.race([process.ended, setTimeout(STOP_MS_MAX, null, { ref: false })]);
    if (end?.code === 0) return atMs;
    throw new DrillError(
      'DRILL_NOT_STOPPED',
      `${end ? `Exit code ${end.code}, ${end.signal}` : 'Too late'}. It said: ${process.said}`,
    );
  }

  async #fill(freeBytes: number): Promise<number> {
    if (typeof this.#disk === 'string') throw new Error('There is no disk to fill.');
    const process = this.#running();
    await this.#disk.fill(freeBytes);
    const end = await Promise.race([process.ended, setTimeout(FULL_MS_MAX, null, { ref: false })]);
    this.#disk.empty();
    if (end?.code === 1 && (await Promise.race([process.noticedFullDisk, false]))) return end.atMs;
    throw new DrillError(
      'DRILL_DISK_IGNORED',
      `${end ? `Exit code ${end.code}, ${end.signal}` : 'It went on'}. It said: ${process.said}`,
    );
  }

  async passTime(): Promise<void> {
    await this.#stopInOrder();
    this.#clock = { offsetMs: PASSED_MS, isFlying: true };
    await this.start(null);
  }

  async stop(): Promise<void> {
    await this.#stopInOrder();
  }

  async read(onRecord: (record: LogRecord) => void): Promise<void> {
    const log = await openEmbeddedLog({ file: join(this.directory, 'log.sqlite'), clock: systemClock });
    try {
      const topics = (await log.topics()).map(({ name }) => name);
      for await (const records of log.scan({ topics, from: 'start' })) {
        this.#closing.signal.throwIfAborted();
        records.forEach(onRecord);
      }
    } finally {
      await log.close();
    }
  }

  /** There is but one process. */
  async fieldsLost(): Promise<readonly string[]> {
    return [];
  }

  verify(): Promise<string | null> {
    return verifyFolder(this.directory, this.#closing.signal);
  }

  discard(keep: boolean): Promise<void> {
    this.#closing.abort();
    this.#discarded ??= this.#discard(keep);
    return this.#discarded;
  }

  async #discard(keep: boolean): Promise<void> {
    await this.#preparing?.catch(() => undefined);
    if (this.#process && !this.#process.end) await this.#kill();
    if (typeof this.#disk !== 'string') {
      // A mount that outlives the drill would be in somebody's way.
      if (keep && existsSync(this.directory)) cpSync(this.directory, this.kept, { recursive: true });
      await this.#disk.unmount();
    }
    if (!keep) rmSync(this.#root, { recursive: true, force: true });
  }

  /** Where a kept folder is found after `discard`. */
  get kept(): string {
    return join(this.#root, 'data');
  }

  get lookAtIt(): readonly string[] {
    return [
      `  ./coachloop verify --data ${this.kept}`,
      `  ./coachloop up --no-demo --data ${this.kept}     # then ./coachloop why, cases, events, dead-letters list`,
    ];
  }

  #running(): PlatformProcess {
    if (!this.#process) throw new Error('It was not started.');
    return this.#process;
  }

  #died(): DrillError {
    const { end, said } = this.#running();
    const last = this.#armed ? `, armed with ${wordsOf(this.#armed)}` : '';
    return new DrillError('DRILL_DIED', `Exit code ${end?.code}, ${end?.signal}${last}. It said: ${said}`);
  }
}
