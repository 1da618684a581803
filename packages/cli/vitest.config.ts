import { mergeConfig } from 'vitest/config';
import base from '../../vitest.base.ts';

// Two shares of the machine, as scripts/test.ts counts on: no package has more tests that wait for processes and brokers.
export default mergeConfig(base, { test: { maxWorkers: 2 * Number(base.test?.maxWorkers) } });
