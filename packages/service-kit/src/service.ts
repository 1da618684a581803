/** What `service.ts` of a service exports: its definition, its routes, its background work. */

import type { ServiceContext, ServiceDefinition } from '@coachloop/runtime';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';

/** Fastify with TypeBox schemas: a route's `schema` gives types, checks and the OpenAPI document. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface Service {
  readonly definition: ServiceDefinition;
  /** Adds its routes, all under its own prefix, e.g. `/qa/v1`. */
  readonly routes?: (app: App, service: ServiceContext) => void | Promise<void>;
  /** Work besides handling events, e.g. delivering webhooks. `stop` resolves when it has come to rest. */
  readonly background?: (service: ServiceContext) => Promise<{ stop(): Promise<void> }>;
}

export const defineService = (service: Service): Service => service;
