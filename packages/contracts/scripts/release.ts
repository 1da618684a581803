/** `npm run -w @coachloop/contracts release`: keeps the present contracts as released/<version>.json, unless that would break somebody. */
import { readFileSync, writeFileSync } from 'node:fs';
import { breakingChanges, currentRelease } from '../src/compatibility.ts';
import { lastReleaseBefore, RELEASED } from '../src/released.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const next = currentRelease(version);
const before = lastReleaseBefore(version);
const breaking = before ? breakingChanges(before, next) : [];
for (const { kind, topic, type, pointer, message } of breaking)
  console.error(`${kind}: ${topic} ${type ?? ''}${pointer ?? ''}: ${message}`);
if (breaking.length > 0) {
  console.error(
    `Not released: ${breaking.length} changes break readers of ${before?.version}. Add new fields or types instead.`,
  );
  process.exitCode = 1;
} else {
  writeFileSync(new URL(`${version}.json`, RELEASED), `${JSON.stringify(next, null, 1)}\n`);
  console.error(`Wrote released/${version}.json${before ? `, which may follow ${before.version}` : ''}.`);
}
