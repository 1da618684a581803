export * from './errors.ts';
export { generationsIn } from './generation.ts';
export * from './service.ts';
