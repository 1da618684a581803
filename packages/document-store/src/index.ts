export * from './errors.ts';
export { cursorAfter } from './index-keys.ts';
export * from './port.ts';
