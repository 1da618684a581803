/** Every service of the platform, in the order of the loop. */
import { callIngest } from '@coachloop/call-ingest';
import type { HealthFigures } from '@coachloop/contracts';
import type { DocumentStore } from '@coachloop/document-store';
import { evaluation } from '@coachloop/evaluation';
import { generationsIn, liveMetrics } from '@coachloop/live-metrics';
import { notification } from '@coachloop/notification';
import { qaScoring } from '@coachloop/qa-scoring';
import type { ServiceDefinition } from '@coachloop/runtime';
import type { Service } from '@coachloop/service-kit';
import { trainingAssignment } from '@coachloop/training-assignment';
import type { Site } from './site/read.ts';

export interface PlatformServices {
  /** Keys the hash of customers; see the data folder. */
  readonly customerKey: string;
  /** What the platform knows of itself; unknown before it runs. */
  readonly health?: () => HealthFigures;
  /** Default: all as shipped. */
  readonly site?: Site;
  /** Default: no. */
  readonly allowPrivateWebhooks?: boolean;
}

export const allServices = ({
  customerKey,
  health,
  site,
  allowPrivateWebhooks = false,
}: PlatformServices): readonly Service[] => [
  callIngest({ customerKey }),
  qaScoring(site?.scoring),
  trainingAssignment(site?.training),
  evaluation(site?.evaluation),
  notification({ ...site?.notification, allowPrivate: allowPrivateWebhooks }),
  liveMetrics(health === undefined ? {} : { health }),
];

/** All that write to a log and a store, whichever process runs them. To read what they wrote their keys are not needed. */
export function installation(site?: Site): (store: DocumentStore) => Promise<readonly ServiceDefinition[]> {
  const declared = allServices({ customerKey: '', ...(site === undefined ? {} : { site }) }).map(
    ({ definition }) => definition,
  );
  return async (store) => [...declared, ...(await generationsIn(store))];
}
