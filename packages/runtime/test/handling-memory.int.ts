import { memory } from './harness/adapters.ts';
import { handlingSuite } from './suites/handling.ts';

handlingSuite(memory);
