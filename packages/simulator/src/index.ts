/**
 * A synthetic contact centre with known truth. Pure and seeded: the same seed gives the same bytes; it reads no clock.
 *
 *     for (const due of batch({ seed: 7, agents: 14, calls: 1000, startMs })) send(due.event);   // many calls as a stream
 *     const driver = createDriver({ centre: createCentre({ seed: 7, agents: 14, startMs }) });  // along a clock that you hold
 *     driver.until(timeMs);  driver.assigned(trainingAssigned, timeMs);
 *
 * `config/default.yaml` explains every setting; `phrases/*.yaml` hold what people say.
 */
export { type BatchOptions, batch, calls } from './batch.ts';
export {
  BEHAVIOURS,
  type Behaviour,
  COMPETENCIES,
  type Competency,
  chanceShown,
  LANGUAGES,
  type Language,
  type Shown,
} from './behaviours.ts';
export type { CallTruth, SimulatedCall, TimedEvent } from './call.ts';
export { type Centre, type CentreOptions, createCentre, type Training } from './centre.ts';
export { ConfigSchema, DEFAULT_CONFIG, parseConfig, type SimulatorConfig } from './config.ts';
export { createDriver, type Driver, type DriverOptions, type ScheduledEvent } from './driver.ts';
export { SIMULATOR_ERRORS, SimulatorError, type SimulatorErrorCode } from './errors.ts';
export type { Levels, SimulatedAgent } from './levels.ts';
export {
  DEFAULT_PHRASES,
  type PhraseBook,
  PhraseFileSchema,
  type Phrases,
  parsePhrases,
  utterances,
} from './phrases.ts';
export { type Random, randomOf } from './random.ts';
export { mapRecordings, type RecordingOptions, type Replay } from './recordings.ts';
export { callTruth, centreTruth, truth, truthLines } from './truth.ts';
