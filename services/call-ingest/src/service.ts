/** call-ingest: telephony payloads → normalized calls. */
import { aggregate, type Router, type ServiceDefinition } from '@coachloop/runtime';
import { defineService, type Service } from '@coachloop/service-kit';
import { callRoutes } from './api/calls.ts';
import { eventRoutes } from './api/events.ts';
import { vconRoutes } from './api/vcons.ts';
import {
  agentStateAggregate,
  callAggregate,
  destinationOf,
  INTAKE_SCHEMAS,
  type IntakeType,
} from './domain/aggregates.ts';
import { withoutCustomer } from './domain/intake.ts';
import { type CallIngestOptions, DEFAULT_OPTIONS } from './options.ts';

const route =
  (type: IntakeType): Router =>
  (event) => {
    const { collection, id } = destinationOf(event.source, type, event.data);
    return [{ collection, id }];
  };

const definition = ({ policy, customerKey }: CallIngestOptions): ServiceDefinition => ({
  name: 'call-ingest',
  aggregates: [aggregate(callAggregate({ policy, customerKey })), aggregate(agentStateAggregate)],
  consumes: {
    'call-intake': Object.fromEntries((Object.keys(INTAKE_SCHEMAS) as IntakeType[]).map((type) => [type, route(type)])),
  },
  normalise: (_type, data) => withoutCustomer(data, customerKey),
  emits: ['call-events'],
});

export function callIngest(overrides: Partial<CallIngestOptions> = {}): Service {
  const options = { ...DEFAULT_OPTIONS, ...overrides };
  return defineService({
    definition: definition(options),
    routes: async (app, service) => {
      await eventRoutes(app, service, options);
      await vconRoutes(app, service, options);
      callRoutes(app, service);
    },
  });
}
