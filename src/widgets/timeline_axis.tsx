import React from 'react';

import { timeTicks } from '../model/monitor_timeline';

/**
 * A line of the grid, with what it stands for at its left.
 */
export function Rule(props: {
  label: string;
  left: number;
  right: number;
  y: number;
}): JSX.Element {
  const { label, left, right } = props;
  const y = Math.round(props.y) + 0.5;
  return (
    <>
      <line className="jp-Gptoss-grid" x1={left} x2={right} y1={y} y2={y} />
      <text
        className="jp-Gptoss-tick"
        x={left - 4}
        y={y + 3.5}
        textAnchor="end"
      >
        {label}
      </text>
    </>
  );
}

/**
 * The axis of time: round times of this place; a day's beginning says its date.
 */
export function TimeAxis(props: {
  from: number;
  to: number;
  xOf: (at: number) => number;
  y: number;

  /**
   * At most as many ticks fit.
   */
  most: number;
  width: number;
}): JSX.Element {
  const { from, to, xOf, y, most, width } = props;
  return (
    <>
      {timeTicks(from, to, most).map(({ at, day }) => {
        const x = xOf(at);
        return (
          <React.Fragment key={at}>
            <line className="jp-Gptoss-grid" x1={x} x2={x} y1={y} y2={y + 4} />
            <text
              className="jp-Gptoss-tick"
              x={Math.min(Math.max(x, 20), width - 18)}
              y={y + 15}
              textAnchor="middle"
            >
              {day ? dayText(at) : timeText(at)}
            </text>
          </React.Fragment>
        );
      })}
    </>
  );
}

function dayText(at: number): string {
  return new Date(at).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short'
  });
}

function timeText(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, {
    hour: 'numeric',
    minute: '2-digit'
  });
}
