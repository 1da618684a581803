/** The services of the simulated site: the real ones, with a small form and policies under which much happens in few calls. */
import { callIngest } from '@coachloop/call-ingest';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { evaluation } from '@coachloop/evaluation';
import { generationsIn } from '@coachloop/live-metrics';
import { notification } from '@coachloop/notification';
import { qaScoringWith } from '@coachloop/qa-scoring';
import type { ServiceDefinition } from '@coachloop/runtime';
import { compileForm, parseForm } from '@coachloop/scorecard';
import { readCatalogue, readPolicy, trainingAssignment } from '@coachloop/training-assignment';
import { probe } from './probe.ts';

/** Two competencies of the catalogue, each shown by one word. */
const FORM = `
id: simulation
version: 1
title: { en: Two words, zh: 两个词 }
languages: [en, any]
channels: [voice, chat, mail, other]
passMark: 75
sections:
  - id: words
    title: { en: Words, zh: 词 }
    weight: 100
    questions:
      - id: greeting
        title: { en: Greets, zh: 问候 }
        competency: opening-closing
        weight: 50
        rule: { said: { any: [hello] } }
      - id: courtesy
        title: { en: Polite, zh: 礼貌 }
        competency: service-attitude
        weight: 50
        rule: { said: { any: [please] } }
`;

const policy = {
  ...readPolicy(),
  windowCalls: 8,
  rules: {
    'critical-failure': { enabled: false, fails: 1, calls: 1 },
    'consecutive-fails': { enabled: true, fails: 2 },
    'low-moving-score': { enabled: true, below: 60, calls: 3, minCalls: 3 },
  },
  coolDownDays: 0.5,
  backfillAgeDays: 366,
  dueDays: 3,
  overdue: { reminders: 2, everyDays: 1, endAfterDays: 6 },
};
const reviews = {
  version: 1,
  calls: 2,
  deadlineDays: 10,
  passMark: 75,
  closeHeld: true,
  before: { calls: 6, minCalls: 2 },
  repeats: 1,
  keepCalls: 12,
};

export const SERVICES: readonly ServiceDefinition[] = [
  callIngest({ policy: { wait_ms: 30 * 60_000, lifetime_ms: 6 * 3_600_000 } }),
  qaScoringWith([compileForm(parseForm(FORM, 'simulation.yaml', []))]),
  trainingAssignment({ policy, catalogue: readCatalogue() }),
  evaluation({ policy: reviews }),
  notification(),
]
  .map((service) => service.definition)
  // live-metrics works in generations; this is the first one.
  .concat(await generationsIn(createMemoryStore()))
  .concat(probe);

/** The service that has these documents. */
export function serviceOf(collection: string): ServiceDefinition {
  const found = SERVICES.find(({ aggregates }) => aggregates.some((each) => each.collection === collection));
  if (!found) throw new Error(`No service has the collection ${collection}.`);
  return found;
}
