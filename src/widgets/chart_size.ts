import type React from 'react';
import { useEffect, useId, useState } from 'react';

/**
 * A width to draw for until the real one is known.
 */
const GUESS_PX = 280;

/**
 * The width of an element, followed as it changes.
 */
export function useWidth(ref: React.RefObject<HTMLElement>): number {
  const [width, setWidth] = useState(GUESS_PX);
  useEffect(() => {
    const node = ref.current;
    if (!node || typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(() => {
      // A hidden chart has none: it keeps the last.
      if (node.clientWidth > 0) {
        setWidth(node.clientWidth);
      }
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

/**
 * The beginning of ids that nothing else on the page has.
 */
export function useChartId(): string {
  return `jp-Gptoss-chart${useId().replace(/[^\w-]/g, '')}`;
}
