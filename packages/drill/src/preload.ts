/** Runs first in a platform that the drill starts: it ends with the drill, and may have a mistake built in. */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}

const name = process.env.DRILL_MUTANT;
if (name) {
  const { install, mutantNamed } = await import('@coachloop/simulation/mutants');
  install(mutantNamed(name));
}
