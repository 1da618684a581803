/** How many calls of 30 segments one core scores a second: `node services/qa-scoring/bench/score.ts`. */
import { evaluate, loadForms } from '../src/index.ts';
import { EN_GOOD, record, ZH_GOOD } from '../test/calls.ts';

const SEGMENTS = 30;
const SECONDS = 3;
const forms = loadForms();
for (const [language, lines] of [
  ['en', EN_GOOD],
  ['zh', ZH_GOOD],
] as const) {
  const long = Array.from({ length: SEGMENTS }, (_, n) => lines[n % lines.length] ?? lines[0]).flatMap((one) =>
    one ? [one] : [],
  );
  const call = record(language, long, { language, ringSeconds: 5 });
  for (let n = 0; n < 500; n++) evaluate(forms, call);
  const began = process.cpuUsage();
  let scored = 0;
  for (;;) {
    for (let n = 0; n < 50; n++) evaluate(forms, call);
    scored += 50;
    const seconds = process.cpuUsage(began).user / 1e6;
    if (seconds < SECONDS) continue;
    console.log(`${language}: ${Math.round(scored / seconds)} calls a second of processor time`);
    break;
  }
}
