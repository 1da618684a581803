/** Every service of the platform, in the order of the loop. */
import { callIngest } from '@coachloop/call-ingest';
import { evaluation } from '@coachloop/evaluation';
import { liveMetrics } from '@coachloop/live-metrics';
import { qaScoring } from '@coachloop/qa-scoring';
import type { Service } from '@coachloop/service-kit';
import { trainingAssignment } from '@coachloop/training-assignment';

export const allServices = ({ customerKey }: { customerKey: string }): readonly Service[] => [
  callIngest({ customerKey }),
  qaScoring,
  trainingAssignment(),
  evaluation(),
  liveMetrics(),
];
