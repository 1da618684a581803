export { MEASURES } from './measures/index.ts';
