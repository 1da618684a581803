/** `migrate`: moves an embedded installation to Kafka and MongoDB, with everybody's place in the log. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@coachloop/service-kit';
import { kafkaOf, mongoUriOf } from '../config/connections.ts';
import { DEMO_FILE } from '../demo/clock.ts';
import { type Moved, move } from '../migrate/move.ts';
import { Progress, printJson, printLine, printTable, remark } from '../output.ts';
import { userPath } from '../paths.ts';
import { settingsWith, warnOfCopies } from './topics.ts';

export interface MigrateOptions {
  readonly from: string;
  readonly brokers?: string;
  readonly uri?: string;
  readonly replication?: string;
  readonly minInsync?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function migrate(options: MigrateOptions): Promise<void> {
  const { dryRun = false, json } = options;
  const settings = settingsWith(options);
  const kafka = { ...kafkaOf(settings), clock: systemClock, clientId: 'coachloop-migrate' };
  if (!dryRun) sayThatItGoesOn();
  if (existsSync(join(userPath(options.from), DEMO_FILE)))
    remark('A demo ran on this folder. Its clock stays behind: what it dated ahead is in the future there.');
  const bars = new Map<string, Progress>();
  const startedMs = performance.now();
  const moved = await move({
    directory: userPath(options.from),
    kafka,
    mongoUri: mongoUriOf(settings),
    dryRun,
    say: remark,
    onProgress: (step, done, total, what) => {
      const bar = bars.get(step) ?? new Progress(step);
      bars.set(step, bar);
      if (done === total) bar.end(done, total, what);
      else bar.update(done, total, what);
    },
  });
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  if (json) printJson({ ok: true, ...moved, seconds });
  else say(moved, dryRun, seconds);
  // The move is over: what cannot be looked up now is no failure of it.
  if (!dryRun)
    await warnOfCopies(kafka).catch((error: unknown) => remark(`Copies were not compared: ${textOf(error)}`));
}

/** Broken off at any point, it loses nothing; whoever does that wants to know. */
function sayThatItGoesOn(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => {
      remark('Broken off. The folder is as it was, and the same command goes on where this one was.');
      process.exit(code);
    });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function say(moved: Moved, dryRun: boolean, seconds: number): void {
  const { records, copied, documents, marks, groups, waiting, topics, digest } = moved;
  const counts = `${records} records, ${documents} documents, ${marks} marks, the places of ${groups} groups`;
  printLine(
    `${dryRun ? 'Would be moved' : `Moved in ${seconds} s`}: ${counts}; ${topics.length} topics made or changed`,
  );
  if (!dryRun && copied < records) printLine(`${records - copied} of the records were there from an earlier attempt`);
  printTable(
    ['KIND', 'COUNT', 'DIGEST'],
    Object.entries(digest).map(([kind, { count, digest: hash }]) => [kind, String(count), hash]),
  );
  if (waiting > 0) remark(`${waiting} records wait to be handled; the services go on with them there.`);
}
