/** A real browser. Tests that need one are left out where there is none, and say so. */
import { type Browser, chromium } from 'playwright-core';

/** Empty: there is none. */
export const executablePath = process.env.COACHLOOP_CHROMIUM ?? '';
if (!executablePath) process.stderr.write('NOTICE: COACHLOOP_CHROMIUM is not set; the browser test does not run.\n');

/** Nothing of the browser's own business on the network. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args: ARGS });
