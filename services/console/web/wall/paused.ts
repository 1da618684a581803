/** A list that stands still while the pointer or the focus is on it, so that nothing jumps from under a click. */
import { useRef, useState } from 'react';

export function usePaused<T>(latest: readonly T[]) {
  const [paused, setPaused] = useState(false);
  const kept = useRef(latest);
  if (!paused) kept.current = latest;
  return {
    shown: kept.current,
    paused,
    resume: () => setPaused(false),
    pause: {
      onPointerEnter: () => setPaused(true),
      onPointerLeave: () => setPaused(false),
      onFocus: () => setPaused(true),
      onBlur: () => setPaused(false),
    },
  };
}
