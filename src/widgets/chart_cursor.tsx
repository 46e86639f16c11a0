import React, { useState } from 'react';

/**
 * A place of a chart that something can be said of.
 */
export interface ISpot {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;

  /**
   * What the tooltip says; its first line is the place's name.
   */
  readonly lines: readonly string[];
}

/**
 * What the cursor of a chart needs.
 */
export interface IChartCursorProps {
  label: string;
  spots: readonly ISpot[];
  width: number;
  height: number;

  /**
   * Said before a place is chosen: how it is done.
   */
  hint: string;
}

/**
 * A cursor over a chart: the pointer or the arrow keys choose a place, and a
 * tooltip says its figures. Escape puts the tooltip away.
 *
 * #### Notes
 * The picture itself is one image to a screen reader; what is said of its places
 * is the value of a slider beside it.
 *
 * Source: https://www.w3.org/WAI/ARIA/apg/patterns/slider/
 */
export function ChartCursor(props: IChartCursorProps): JSX.Element | null {
  const { spots, width, height } = props;
  const [at, setAt] = useState(0);
  const [shown, setShown] = useState(false);
  const place = Math.min(at, spots.length - 1);
  const spot = spots[place];
  if (!spot) {
    return null;
  }
  const go = (to: number): void => {
    setAt(Math.max(0, Math.min(to, spots.length - 1)));
    setShown(true);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const next = nextPlace(event.key, place, spots.length);
    if (event.key === 'Escape' && shown) {
      setShown(false);
    } else if (next !== null) {
      go(next);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerMove = (event: React.PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const found = nearest(
      spots,
      event.clientX - box.left,
      event.clientY - box.top
    );
    if (found !== place || !shown) {
      go(found);
    }
  };
  return (
    <>
      <div
        className="jp-Gptoss-cursor"
        role="slider"
        tabIndex={0}
        aria-label={props.label}
        aria-valuemin={1}
        aria-valuemax={spots.length}
        aria-valuenow={place + 1}
        aria-valuetext={spot.lines.join(', ')}
        aria-description={props.hint}
        onKeyDown={onKeyDown}
        onFocus={event =>
          event.currentTarget.matches(':focus-visible') && setShown(true)
        }
        onBlur={() => setShown(false)}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setShown(false)}
      />
      {shown && <Tip spot={spot} width={width} height={height} />}
    </>
  );
}

/**
 * The figures of a place, beside it; it is drawn on the side with more room.
 */
function Tip(props: {
  spot: ISpot;
  width: number;
  height: number;
}): JSX.Element {
  const { spot, width } = props;
  const middle = spot.x + spot.width / 2;
  const side =
    middle > width / 2
      ? { right: Math.max(0, width - spot.x + 4) }
      : { left: spot.x + spot.width + 4 };
  const wide = spot.width > width / 2;
  const [head, ...rest] = spot.lines;
  return (
    <>
      <div
        className="jp-Gptoss-spot"
        aria-hidden="true"
        style={{
          left: spot.x,
          top: spot.y,
          width: spot.width,
          height: spot.height
        }}
      />
      <div
        className="jp-Gptoss-tip"
        aria-hidden="true"
        style={
          wide
            ? { right: 0, top: spot.y + spot.height }
            : { ...side, top: Math.max(0, spot.y) }
        }
      >
        <strong>{head}</strong>
        {rest.map(line => (
          <div key={line}>{line}</div>
        ))}
      </div>
    </>
  );
}

function nextPlace(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return at + 1;
    case 'ArrowLeft':
    case 'ArrowUp':
      return at - 1;
    case 'PageDown':
      return at + 5;
    case 'PageUp':
      return at - 5;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/**
 * The place below a point or, beside all, the one whose middle is nearest.
 */
function nearest(spots: readonly ISpot[], x: number, y: number): number {
  let found = 0;
  let least = Infinity;
  spots.forEach((spot, at) => {
    const dx = x - spot.x - spot.width / 2;
    const dy = y - spot.y - spot.height / 2;
    const off =
      Math.max(0, Math.abs(dx) - spot.width / 2) +
      Math.max(0, Math.abs(dy) - spot.height / 2);
    if (off < least) {
      least = off;
      found = at;
    }
  });
  return found;
}
