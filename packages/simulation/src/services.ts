/** The services of the simulated site: the real ones, with a small form and policies under which much happens in few calls. */
import { callIngest } from '@coachloop/call-ingest';
import { createMemoryStore } from '@coachloop/document-store/memory';
import { evaluation } from '@coachloop/evaluation';
import { generationsIn } from '@coachloop/live-metrics';
import { notification } from '@coachloop/notification';
import { qaScoring } from '@coachloop/qa-scoring';
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

const form = compileForm(parseForm(FORM, 'simulation.yaml', []));
// live-metrics works in generations; this is the first one.
const liveMetrics = await generationsIn(createMemoryStore());

/** The services of a simulated installation. */
export class Site {
  readonly services: readonly ServiceDefinition[];
  readonly #byCollection: ReadonlyMap<string, ServiceDefinition>;
  readonly #readers = new Map<string, readonly string[]>();

  constructor(services: readonly ServiceDefinition[]) {
    this.services = services;
    this.#byCollection = new Map(
      services.flatMap((service) => service.aggregates.map(({ collection }) => [collection, service] as const)),
    );
  }

  /** The service that has these documents. */
  serviceOf(collection: string): ServiceDefinition {
    const found = this.#byCollection.get(collection);
    if (!found) throw new Error(`No service has the collection ${collection}.`);
    return found;
  }

  /** The services that read a topic: asked for after every few steps. */
  readersOf(topic: string): readonly string[] {
    let readers = this.#readers.get(topic);
    if (!readers) {
      const reads = ({ name, consumes }: ServiceDefinition) =>
        Object.hasOwn(consumes, topic) || topic === `${name}.retry` || topic === `${name}.dead-letter`;
      readers = this.services.filter(reads).map(({ name }) => name);
      this.#readers.set(topic, readers);
    }
    return readers;
  }
}

const siteOf = (...loop: readonly { readonly definition: ServiceDefinition }[]): Site =>
  new Site(
    [...loop, qaScoring({ forms: [form] }), notification()]
      .map(({ definition }) => definition)
      .concat(liveMetrics, probe),
  );

/** Policies under which much happens in few calls. */
export const QUICK = siteOf(
  callIngest({ policy: { wait_ms: 30 * 60_000, lifetime_ms: 6 * 3_600_000 } }),
  trainingAssignment({ policy, catalogue: readCatalogue() }),
  evaluation({ policy: reviews }),
);

/** The policies that are shipped: it takes more calls until something happens. */
export const AS_SHIPPED = siteOf(callIngest(), trainingAssignment(), evaluation());
