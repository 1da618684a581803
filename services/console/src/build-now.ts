/** `npm run build -w services/console`: builds the page if its sources have changed. */
import { ensureConsoleBuilt } from './build.ts';

await ensureConsoleBuilt({ say: (line) => process.stderr.write(`${line}\n`) });
