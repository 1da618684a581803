import { embedded } from './harness/adapters.ts';
import { runtimeSuite } from './suites/index.ts';

runtimeSuite(embedded);
