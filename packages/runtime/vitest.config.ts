import { mergeConfig } from 'vitest/config';
import base from '../../vitest.base.ts';

export default mergeConfig(base, {
  // Tests wait for a minute for what must come, and for more than one thing.
  test: { globalSetup: ['@coachloop/servers/vitest/mongo'], testTimeout: 180_000 },
});
