import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { FEW, rateOf } from '../model/monitor_rates';
import { ChartFrame } from './chart_frame';
import { Box, Patterns, Swatch } from './chart_marks';
import type { Tone } from './chart_marks';
import { useChartId } from './chart_size';
import { countText, percentText } from './monitor_labels';

/**
 * A part of a whole.
 */
export interface IPart {
  readonly tone: Tone;
  readonly label: string;
  readonly count: number;
}

const HEIGHT = 20;
const GAP = 1;

/**
 * How a whole is made up: one bar, and a legend with the figures.
 */
export function PartsChart(props: {
  title: string;

  /**
   * Heads the column that names the parts.
   */
  of: string;
  parts: readonly IPart[];
  trans: TranslationBundle;
}): JSX.Element {
  const { title, of, parts, trans } = props;
  const id = useChartId();
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const figures = parts.map(part => ({
    ...part,
    share: part.count === 0 ? '' : percentText(rateOf(part.count, total), trans)
  }));
  return (
    <ChartFrame
      title={title}
      trans={trans}
      table={{
        head: [of, trans.__('Count'), trans.__('Share')],
        rows: figures.map(({ label, count, share }) => [
          label,
          { text: countText(count), by: count },
          share
        ])
      }}
    >
      {width => (
        <>
          <svg
            role="img"
            aria-label={trans.__(
              '%1: %2',
              title,
              figures
                .map(({ label, count }) => `${label} ${countText(count)}`)
                .join(', ')
            )}
            width={width}
            height={HEIGHT}
          >
            <Patterns id={id} />
            {placed(parts, total, width).map(({ part, x, width: wide }) => (
              <Box
                key={part.label}
                id={id}
                tone={part.tone}
                x={x}
                y={0.5}
                width={wide}
                height={HEIGHT - 1}
              />
            ))}
          </svg>
          <ul className="jp-Gptoss-legend">
            {figures.map(({ tone, label, count, share }) => (
              <li key={label}>
                <Swatch id={`${id}-${tone}-key`} tone={tone} />
                <span>{label}</span>
                <b>{countText(count)}</b>
                <span className="jp-Gptoss-quiet">
                  {total >= FEW ? share : ''}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </ChartFrame>
  );
}

/**
 * Where the parts begin, and how wide they are: what is there can be seen,
 * however little it is.
 */
function placed(
  parts: readonly IPart[],
  total: number,
  width: number
): { part: IPart; x: number; width: number }[] {
  const there = parts.filter(({ count }) => count > 0);
  const least = 3;
  const room = Math.max(0, width - 1 - there.length * (GAP + least));
  let x = 0.5;
  return there.map(part => {
    const wide = least + (room * part.count) / total;
    const found = { part, x, width: wide };
    x += wide + GAP;
    return found;
  });
}
