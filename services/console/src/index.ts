export * from './build.ts';
export * from './errors.ts';
export * from './routes.ts';
