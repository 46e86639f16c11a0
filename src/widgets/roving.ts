import type React from 'react';
import { useEffect, useRef } from 'react';

/**
 * What of a row the keyboard stops at.
 */
const STOPS = 'button, input';

/**
 * Make the rows below an element (`data-row`) one stop of the keyboard: the
 * arrows, Home and End go from row to row, Tab goes through the buttons of one.
 *
 * #### Notes
 * The stops are set on the page itself: were they properties, each step would
 * draw every row again. When the row that has the keyboard goes, the next one
 * gets it; after the last row, `onEmptied` is called.
 */
export function useRovingRows(
  root: React.RefObject<HTMLElement>,
  onEmptied: () => void
): {
  onFocus: (event: React.FocusEvent) => void;
  onBlur: (event: React.FocusEvent) => void;
  onKeyDown: (event: React.KeyboardEvent) => void;
} {
  const at = useRef(0);
  const focused = useRef<Element | null>(null);
  useEffect(() => {
    const rows = rowsOf(root.current);
    at.current = Math.max(0, Math.min(at.current, rows.length - 1));
    setStop(rows, at.current);
    const lost = focused.current && !focused.current.isConnected;
    if (lost && document.activeElement === document.body) {
      focused.current = null;
      const next = rows[at.current];
      if (next) {
        goTo(next);
      } else {
        onEmptied();
      }
    }
  });
  return {
    onFocus: ({ target }) => {
      focused.current = target;
      const rows = rowsOf(root.current);
      const row = rows.findIndex(one => one.contains(target));
      if (row >= 0) {
        at.current = row;
        setStop(rows, row);
      }
    },
    onBlur: ({ target }) => {
      // A button that goes away loses the focus, too: that one is remembered.
      if (target.isConnected) {
        window.setTimeout(() => {
          if (target.isConnected && focused.current === target) {
            focused.current = null;
          }
        });
      }
    },
    onKeyDown: event => {
      const rows = rowsOf(root.current);
      const row = rows.findIndex(one => one.contains(event.target as Node));
      const next = rows[stepFrom(event.key, row, rows.length)];
      if (row >= 0 && next) {
        event.preventDefault();
        event.stopPropagation();
        goTo(next);
      }
    }
  };
}

function rowsOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
}

function goTo(row: HTMLElement): void {
  row.querySelector<HTMLElement>(STOPS)?.focus();
}

function setStop(rows: readonly HTMLElement[], at: number): void {
  rows.forEach((row, index) => {
    row.querySelectorAll<HTMLElement>(STOPS).forEach(stop => {
      stop.tabIndex = index === at ? 0 : -1;
    });
  });
}

function stepFrom(key: string, row: number, count: number): number {
  switch (key) {
    case 'ArrowDown':
      return Math.min(row + 1, count - 1);
    case 'ArrowUp':
      return Math.max(row - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}
