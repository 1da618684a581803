export * from './problem.ts';
export * from './service.ts';
