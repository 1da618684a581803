import { memory } from './harness/adapters.ts';
import { runtimeSuite } from './suites/index.ts';

runtimeSuite(memory);
