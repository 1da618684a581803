/** Why a message may be parked: because nobody can read it, because of the kernel, or by the word of the service that it was for. */
import { CALL_INGEST_ERRORS } from '@coachloop/call-ingest';
import { CONTRACT_ERRORS } from '@coachloop/contracts';
import { EVALUATION_ERRORS } from '@coachloop/evaluation';
import { LIVE_METRICS_ERRORS } from '@coachloop/live-metrics';
import { NOTIFICATION_ERRORS } from '@coachloop/notification';
import { QA_SCORING_ERRORS } from '@coachloop/qa-scoring';
import { RUNTIME_ERRORS } from '@coachloop/runtime';
import { TRAINING_ERRORS } from '@coachloop/training-assignment';

const TABLES = [
  CONTRACT_ERRORS,
  RUNTIME_ERRORS,
  CALL_INGEST_ERRORS,
  QA_SCORING_ERRORS,
  TRAINING_ERRORS,
  EVALUATION_ERRORS,
  NOTIFICATION_ERRORS,
  LIVE_METRICS_ERRORS,
];

const KNOWN: ReadonlySet<string> = new Set(TABLES.flatMap((table) => Object.keys(table)));
/** Of what is on a topic; the other codes answer requests alone. */
const OF_MESSAGES = /^(AGENT|CALL|EVALUATION|EVENT|TRAINING|TRANSITION)_/;
const OF_OTHERS = /^EVENT_(BATCH|STREAMS|TYPES)_|_(CONFIG|QUERY)_INVALID$|_NOTHING_ACCEPTED$/;

export const isLetterCode = (code: string): boolean => KNOWN.has(code);
/** Those that are likely, for people to choose from. */
export const letterCodes = (): readonly string[] =>
  [...KNOWN].filter((code) => OF_MESSAGES.test(code) && !OF_OTHERS.test(code)).sort();
