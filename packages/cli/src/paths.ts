/** Paths that people give are relative to where they stand, not to where npm or the launcher put the process. */
import { resolve } from 'node:path';

export const userDirectory = (): string => process.env.COACHLOOP_CWD ?? process.cwd();
export const userPath = (path: string): string => resolve(userDirectory(), path);
export const projectDirectory: string = resolve(import.meta.dirname, '../../..');
