export { mergeAll, type Share } from './domain/share.ts';
export * from './errors.ts';
export { generationsIn } from './generation.ts';
export * from './service.ts';
