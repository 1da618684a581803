/** Options that several commands share, so that they read the same everywhere. */
import { Option } from 'commander';

export const DEFAULT_URL = 'http://127.0.0.1:8080';

export const url = (): Option =>
  new Option('--url <url>', 'the running platform').env('COACHLOOP_URL').default(DEFAULT_URL);

/** Commands that need no platform take it too, so that a script may give it to all. */
export const unusedUrl = (): Option => new Option('--url <url>', 'not needed').hideHelp();

export const json = (what = 'one JSON document on stdout, for programs'): Option => new Option('--json', what);

/** For commands that go through the running platform where there is one, and else open a folder themselves. */
export const urlOrNone = (): Option =>
  new Option('--url <url>', `the running platform; default: ${DEFAULT_URL}, if it answers`).env('COACHLOOP_URL');

export const data = (): Option =>
  new Option('--data <dir>', 'data folder; default: .coachloop/data, else .coachloop/demo').env('COACHLOOP_DATA');
