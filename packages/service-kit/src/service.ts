/** What `service.ts` of a service exports: its definition, its routes, its background work. */

import type { RunningService, ServiceContext, ServiceDefinition } from '@coachloop/runtime';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';

export type { FastifyReply } from 'fastify';

/** Fastify with TypeBox schemas: a route's `schema` gives types, checks and the OpenAPI document. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * Consumer groups that background work runs beside the service's own, e.g. the generation of a projection. While shown, lag,
 * status and readiness count them in. What is only being built is not shown, so that its lag does not close the edge.
 */
export interface Siblings {
  show(service: RunningService): void;
  hide(service: RunningService): void;
}

/** A figure of a service for Prometheus. Every instance tells it of the whole service, so take the `max` over instances. */
export interface ServiceGauge {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Asked at each scrape. Where it fails or takes long, the series are left out: what is not known is not 0. */
  read(
    service: ServiceContext,
  ): Promise<readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]>;
}

export interface Service {
  readonly definition: ServiceDefinition;
  /** Adds its routes, all under its own prefix, e.g. `/qa/v1`. */
  readonly routes?: (app: App, service: ServiceContext) => void | Promise<void>;
  /** Work besides handling events, e.g. delivering webhooks. `stop` resolves when it has come to rest. */
  readonly background?: (service: ServiceContext, siblings: Siblings) => Promise<{ stop(): Promise<void> }>;
  readonly gauges?: readonly ServiceGauge[];
}

export const defineService = (service: Service): Service => service;
