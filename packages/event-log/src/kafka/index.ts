import kafkajs from 'kafkajs';
import type { EventLog } from '../port.ts';
import { KafkaLog } from './log.ts';
import { type KafkaLogOptions, settingsOf } from './options.ts';

export type { KafkaLogOptions, KafkaTimings, Notice } from './options.ts';

/** The log on Apache Kafka (4, and 2.4 or later), through kafkajs. Connects when it is first used. */
export function openKafkaLog(options: KafkaLogOptions): EventLog {
  const settings = settingsOf(options, (config) => new kafkajs.Kafka(config));
  return new KafkaLog(settings, options.clock);
}
