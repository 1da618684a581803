/** Runs first in a platform that the drill starts: it ends with the drill, freezes where it is told to, and may have a mistake built in. */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const kill = process.kill.bind(process);
const STDERR = 2;

if (isMainThread) {
  process.once('disconnect', () => kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
  const freezeMs = Number(process.env.DRILL_FREEZE_MS ?? 0);
  if (freezeMs > 0) freezesInPlaceOfDying(freezeMs);
}

/** Who wakes it is a process of its own, which outlives the drill. */
function freezesInPlaceOfDying(ms: number): void {
  process.kill = (pid, signal) => {
    if (pid !== process.pid || signal !== 'SIGKILL') return kill(pid, signal);
    const args = ['-c', 'sleep "$1"; kill -CONT "$2"', 'freeze', String(ms / 1_000), String(pid)];
    spawn('/bin/sh', args, { stdio: 'ignore', detached: true }).unref();
    writeSync(STDERR, 'drill: frozen\n');
    kill(pid, 'SIGSTOP');
    writeSync(STDERR, 'drill: awake\n');
    return true;
  };
}

const name = process.env.DRILL_MUTANT;
if (name) {
  const { install, mutantNamed } = await import('@coachloop/simulation/mutants');
  install(mutantNamed(name));
}
