export * from './clock.ts';
export * from './lag.ts';
export * from './logging.ts';
export * from './platform.ts';
export * from './problem.ts';
export * from './server.ts';
export * from './service.ts';
export * from './telemetry.ts';
