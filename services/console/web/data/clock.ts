/** The platform's time: the browser's, or the demo's fast clock. */
import { useCallback } from 'react';
import { useDemo } from './queries.ts';

/** A function that tells the platform's present moment, ms. */
export function usePlatformNow(): () => number {
  const { data: demo } = useDemo();
  return useCallback(() => (demo ? demo.nowMs + (Date.now() - demo.atMs) * demo.pace : Date.now()), [demo]);
}
