/** Long lists put only what is near the screen into the page. Short ones are drawn whole: the browser finds words in them. */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';

const WHOLE_MAX = 200;

const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

export interface Visible {
  /** On the element that holds the rows. */
  readonly anchor: (element: HTMLElement | null) => void;
  readonly indexes: readonly number[];
  /** Heights of what is left out before and after, px. */
  readonly before: number;
  readonly after: number;
  /** On each row, with `data-index`; undefined in a list that is drawn whole. */
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
  scrollTo(index: number): void;
}

export function useVisible(count: number, rowPx: number): Visible {
  const virtual = count > WHOLE_MAX;
  const element = useRef<HTMLElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    if (virtual && element.current) setMargin(element.current.getBoundingClientRect().top + scrollY);
  }, [virtual]);
  const virtualizer = useWindowVirtualizer({
    count: virtual ? count : 0,
    estimateSize: () => rowPx,
    overscan: 15,
    scrollMargin: margin,
  });
  const anchor = useCallback((found: HTMLElement | null) => {
    element.current = found;
  }, []);
  if (!virtual)
    return {
      anchor,
      indexes: Array.from({ length: count }, (_, i) => i),
      before: 0,
      after: 0,
      measure: undefined,
      scrollTo: (index) =>
        element.current?.children[index]?.scrollIntoView({ block: 'center', behavior: calm() ? 'auto' : 'smooth' }),
    };
  const items = virtualizer.getVirtualItems();
  return {
    anchor,
    indexes: items.map(({ index }) => index),
    before: (items[0]?.start ?? margin) - margin,
    after: virtualizer.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin),
    measure: virtualizer.measureElement,
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'center' }),
  };
}
