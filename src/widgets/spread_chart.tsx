import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { axisTo, timeUnitFor } from '../model/chart_scale';
import type { Spread } from '../wire/schema';
import { ChartCursor } from './chart_cursor';
import { ChartFrame } from './chart_frame';
import { Box, Patterns } from './chart_marks';
import { useChartId } from './chart_size';
import { countText, secondsText, unitText } from './monitor_labels';

const ROW = 32;
const TOP = 4;
const BAR = 8;
const AXIS = 18;

/**
 * As many rows are drawn; the table has all.
 */
const MOST_ROWS = 12;

/**
 * About as wide is a letter of the rows' names.
 */
const LETTER_PX = 6.2;

/**
 * How long things took: a bar up to the median, a line up to what 19 of 20
 * stayed under.
 */
export function SpreadChart(props: {
  title: string;

  /**
   * Heads the column that names the rows.
   */
  of: string;
  spreads: readonly Spread[];
  trans: TranslationBundle;
}): JSX.Element {
  const { title, spreads, trans } = props;
  const rest = spreads.length - MOST_ROWS;
  return (
    <ChartFrame
      title={title}
      note={[
        trans.__('Bar: median. Line: 19 of 20 took less.'),
        rest > 0 &&
          trans._n(
            '%1 more is in the table.',
            '%1 more are in the table.',
            rest
          )
      ]
        .filter(Boolean)
        .join(' ')}
      trans={trans}
      table={{
        head: [
          props.of,
          trans.__('Count'),
          trans.__('Median'),
          trans.__('19 of 20')
        ],
        rows: spreads.map(({ name, count, p50_s: half, p95_s: most }) => [
          name,
          { text: countText(count), by: count },
          { text: secondsText(half, trans), by: half },
          { text: secondsText(most, trans), by: most }
        ])
      }}
    >
      {width => (
        <Picture
          title={title}
          rows={spreads.slice(0, MOST_ROWS)}
          width={width}
          trans={trans}
        />
      )}
    </ChartFrame>
  );
}

function Picture(props: {
  title: string;
  rows: readonly Spread[];
  width: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { title, rows, width, trans } = props;
  const id = useChartId();
  const longest = Math.max(...rows.map(({ p95_s: most }) => most), 0);
  const unit = timeUnitFor(longest);
  const axis = axisTo(longest / unit.seconds, width < 360 ? 3 : 5);
  const room = Math.max(1, width - 14);
  const xOf = (seconds: number): number =>
    0.5 + (room * seconds) / unit.seconds / axis.max;
  const bottom = TOP + rows.length * ROW;
  return (
    <>
      <svg
        role="img"
        aria-label={trans.__(
          '%1: %2',
          title,
          rows.map(row => linesOf(row, trans).join(', ')).join('; ')
        )}
        width={width}
        height={bottom + AXIS}
      >
        <Patterns id={id} />
        {axis.ticks.map((tick, at) => {
          const x = Math.round(xOf(tick * unit.seconds)) + 0.5;
          const last = at === axis.ticks.length - 1;
          return (
            <React.Fragment key={tick}>
              <line
                className="jp-Gptoss-grid"
                x1={x}
                x2={x}
                y1={TOP}
                y2={bottom}
              />
              <text
                className="jp-Gptoss-tick"
                x={last ? width : x}
                y={bottom + 13}
                textAnchor={at === 0 ? 'start' : last ? 'end' : 'middle'}
              >
                {last
                  ? `${tick.toLocaleString()} ${unitText(unit, trans)}`
                  : tick.toLocaleString()}
              </text>
            </React.Fragment>
          );
        })}
        {rows.map((row, at) => (
          <Row
            key={row.name}
            id={id}
            row={row}
            y={TOP + at * ROW}
            width={width}
            xOf={xOf}
            trans={trans}
          />
        ))}
      </svg>
      <ChartCursor
        label={trans.__('Row of the chart: %1', title)}
        hint={trans.__('The arrow keys go from row to row.')}
        width={width}
        height={bottom + AXIS}
        spots={rows.map((row, at) => ({
          x: 0,
          y: TOP + at * ROW,
          width,
          height: ROW - 2,
          lines: linesOf(row, trans)
        }))}
      />
    </>
  );
}

function Row(props: {
  id: string;
  row: Spread;
  y: number;
  width: number;
  xOf: (seconds: number) => number;
  trans: TranslationBundle;
}): JSX.Element {
  const { id, row, y, width, xOf, trans } = props;
  const { p50_s: half, p95_s: most } = row;
  const figures = trans.__(
    '%1 · %2',
    secondsText(half, trans),
    secondsText(most, trans)
  );
  const letters = Math.floor(width / LETTER_PX) - figures.length - 2;
  const bar = y + 17;
  const middle = bar + BAR / 2;
  const end = xOf(most);
  return (
    <>
      <text className="jp-Gptoss-row-label" x={0} y={y + 12}>
        {shorten(row.name, letters)}
      </text>
      <text
        className="jp-Gptoss-row-label jp-mod-figure"
        x={width}
        y={y + 12}
        textAnchor="end"
      >
        {figures}
      </text>
      <path
        className="jp-Gptoss-whisker"
        d={`M${xOf(half)} ${middle}H${end}M${end} ${bar}v${BAR}`}
      />
      <Box
        id={id}
        tone="good"
        x={0.5}
        y={bar}
        width={Math.max(1.5, xOf(half) - 0.5)}
        height={BAR}
      />
    </>
  );
}

function linesOf(row: Spread, trans: TranslationBundle): string[] {
  return [
    row.name,
    trans.__('Median: %1', secondsText(row.p50_s, trans)),
    trans.__('19 of 20 took less than %1', secondsText(row.p95_s, trans)),
    trans._n('Seen once', 'Seen %1 times', row.count)
  ];
}

/**
 * Cut a name in its middle: routes begin alike.
 */
function shorten(name: string, letters: number): string {
  if (name.length <= letters || letters < 4) {
    return name;
  }
  const head = Math.ceil((letters - 1) / 3);
  return `${name.slice(0, head)}…${name.slice(head + 1 - letters)}`;
}
