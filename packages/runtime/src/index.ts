export type * from './context.ts';
export * from './definition.ts';
