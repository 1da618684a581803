import type {} from '@coachloop/servers/vitest/kafka';
import { describe, inject, test } from 'vitest';
import { openKafkaLog } from '../src/kafka/index.ts';
import { eventLogConformance } from './conformance.ts';

const brokers = inject('kafka');

if (brokers === '') {
  describe.skip('kafka is an event log', () => test('needs a Kafka: see the notice above', () => undefined));
} else {
  eventLogConformance(
    'kafka',
    async () => {
      const clock = { ms: 1_800_000_000_000, now: () => clock.ms };
      const open = () => openKafkaLog({ brokers: brokers.split(','), clock });
      let log = open();
      const reopen = async () => {
        await log.close();
        log = open();
        return log;
      };
      return { log, clock, close: () => log.close(), reopen };
    },
    { exclusiveHandover: false, retentionSparesGroups: false, patienceMs: 30_000 },
  );
}
