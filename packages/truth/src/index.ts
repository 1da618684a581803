/** Compares what the services decide about a synthetic centre with what is true of it. */
export { interval95, type Measured, measure, ratioOf, type Share } from './measure.ts';
export { BEHAVIOURS_OF_QUESTION, trueAnswer, withTrueAnswers } from './oracle.ts';
export { type Played, type PlayOptions, play } from './play.ts';
