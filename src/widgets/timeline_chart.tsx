import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { axisTo } from '../model/chart_scale';
import { FEW, rateOf } from '../model/monitor_rates';
import { timelineOf } from '../model/monitor_timeline';
import type { IStep } from '../model/monitor_timeline';
import type { Monitor } from '../wire/schema';
import { ChartCursor } from './chart_cursor';
import { ChartFrame } from './chart_frame';
import { Box, Patterns } from './chart_marks';
import type { Tone } from './chart_marks';
import { useChartId } from './chart_size';
import type { IDataTable } from './data_table';
import {
  countText,
  momentText,
  ofText,
  percentText,
  shortCount,
  stepText
} from './monitor_labels';
import { outcomeParts } from './monitor_quality';
import { TimeAxis, Rule } from './timeline_axis';

/**
 * The outcomes of a step, from the axis up, and how each is drawn.
 */
const LAYERS = [
  ['good', 'good'],
  ['partial', 'fair'],
  ['empty', 'none'],
  ['failed', 'bad']
] as const satisfies readonly (readonly [keyof IStep['counts'], Tone])[];

const LEFT = 34;
const RIGHT = 6;
const RATE = { top: 18, height: 56 };
const COUNT = { top: 100, height: 84 };
const AXIS = COUNT.top + COUNT.height;
const HEIGHT = AXIS + 18;
const BAR_PX = 11;

/**
 * How many generations ended in each step of the window, how they ended, and
 * what part of them came through.
 */
export function TimelineChart(props: {
  monitor: Monitor;
  trans: TranslationBundle;
}): JSX.Element {
  const { monitor, trans } = props;
  return (
    <ChartFrame
      title={trans.__('Generations over time')}
      note={trans.__('Hollow points stand for fewer than %1.', FEW)}
      marks={outcomeParts(monitor.total, trans)}
      trans={trans}
      table={tableOf(timelineOf(monitor, 60), trans)}
    >
      {width => <Picture monitor={monitor} width={width} trans={trans} />}
    </ChartFrame>
  );
}

function Picture(props: {
  monitor: Monitor;
  width: number;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { monitor, width, trans } = props;
  const id = useChartId();
  const room = Math.max(BAR_PX, width - LEFT - RIGHT);
  const steps = timelineOf(monitor, Math.floor(room / BAR_PX));
  const [first] = steps;
  const last = steps[steps.length - 1];
  if (!first || !last) {
    return null;
  }
  const span = Math.max(1, last.to - first.from);
  const xOf = (at: number): number => LEFT + (room * (at - first.from)) / span;
  const most = Math.max(...steps.map(({ counts }) => counts.generations));
  const axis = axisTo(most, 3, true);
  return (
    <>
      <svg
        role="img"
        aria-label={altText(steps, trans)}
        width={width}
        height={HEIGHT}
      >
        <Patterns id={id} />
        <text className="jp-Gptoss-axis-name" x={0} y={10}>
          {trans.__('Success, %')}
        </text>
        {[0, 50, 100].map(tick => (
          <Rule
            key={tick}
            label={String(tick)}
            left={LEFT}
            right={width - RIGHT}
            y={rateY(tick)}
          />
        ))}
        <Points steps={steps} xOf={xOf} />
        <text className="jp-Gptoss-axis-name" x={0} y={COUNT.top - 8}>
          {trans.__('Generations')}
        </text>
        {axis.ticks.map(tick => (
          <Rule
            key={tick}
            label={shortCount(tick)}
            left={LEFT}
            right={width - RIGHT}
            y={AXIS - (COUNT.height * tick) / axis.max}
          />
        ))}
        {steps.map(step => (
          <Bar key={step.from} id={id} step={step} max={axis.max} xOf={xOf} />
        ))}
        <TimeAxis
          from={first.from}
          to={last.to}
          xOf={xOf}
          y={AXIS}
          most={Math.floor(room / 60)}
          width={width}
        />
      </svg>
      <ChartCursor
        label={trans.__('Step of the timeline')}
        hint={trans.__('The arrow keys go from step to step.')}
        width={width}
        height={HEIGHT}
        spots={steps.map(step => ({
          x: xOf(step.from),
          y: RATE.top - 4,
          width: Math.max(1, xOf(step.to) - xOf(step.from)),
          height: AXIS - RATE.top + 4,
          lines: linesOf(step, trans)
        }))}
      />
    </>
  );
}

function Bar(props: {
  id: string;
  step: IStep;
  max: number;
  xOf: (at: number) => number;
}): JSX.Element {
  const { id, step, max, xOf } = props;
  const x = xOf(step.from) + 0.5;
  const width = Math.max(2, xOf(step.to) - xOf(step.from) - 1.5);
  let y = AXIS;
  return (
    <>
      {LAYERS.map(([outcome, tone]) => {
        const height = (COUNT.height * step.counts[outcome]) / max;
        y -= height;
        return (
          height > 0 && (
            <Box
              key={outcome}
              id={id}
              tone={tone}
              x={x}
              y={y}
              width={width}
              height={height - 0.5}
            />
          )
        );
      })}
    </>
  );
}

/**
 * The part of the generations of each step that came through. Where nothing
 * was generated the line breaks: nothing is known of it.
 */
function Points(props: {
  steps: readonly IStep[];
  xOf: (at: number) => number;
}): JSX.Element {
  const { steps, xOf } = props;
  const points = steps.map(({ from, to, counts }) => ({
    x: (xOf(from) + xOf(to)) / 2,
    y: rateY((100 * counts.good) / Math.max(1, counts.generations)),
    of: counts.generations
  }));
  const path = points
    .map(({ x, y, of }, at) => {
      const joined = at > 0 && (points[at - 1]?.of ?? 0) > 0;
      return of > 0
        ? `${joined ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
        : '';
    })
    .join('');
  return (
    <>
      <path className="jp-Gptoss-line" d={path} />
      {points.map(
        ({ x, y, of }) =>
          of > 0 && (
            <circle
              key={x}
              className={`jp-Gptoss-point${of < FEW ? ' jp-mod-few' : ''}`}
              cx={x}
              cy={y}
              r={3}
            />
          )
      )}
    </>
  );
}

function rateY(percent: number): number {
  return RATE.top + (RATE.height * (100 - percent)) / 100;
}

function linesOf(step: IStep, trans: TranslationBundle): string[] {
  const { counts } = step;
  const lines = [
    stepText(step.from, step.to),
    trans._n('%1 generation', '%1 generations', counts.generations)
  ];
  if (counts.generations > 0) {
    const rate = rateOf(counts.good, counts.generations);
    lines.push(
      trans.__(
        'Success: %1 (%2)',
        ofText(rate, trans),
        percentText(rate, trans)
      )
    );
  }
  const rest: [number, string][] = [
    [counts.partial, trans.__('In part: %1', countText(counts.partial))],
    [counts.empty, trans.__('Empty: %1', countText(counts.empty))],
    [counts.failed, trans.__('Failed: %1', countText(counts.failed))]
  ];
  return [
    ...lines,
    ...rest.filter(([count]) => count > 0).map(([, text]) => text)
  ];
}

function altText(steps: readonly IStep[], trans: TranslationBundle): string {
  const [first] = steps;
  const last = steps[steps.length - 1];
  const of = steps.reduce((sum, { counts }) => sum + counts.generations, 0);
  const ok = steps.reduce((sum, { counts }) => sum + counts.good, 0);
  const most = steps.reduce((best, step) =>
    step.counts.generations > best.counts.generations ? step : best
  );
  return trans.__(
    'Generations from %1 to %2: %3 came through; the most in a step, %4, at %5.',
    momentText(new Date(first?.from ?? NaN)),
    momentText(new Date(last?.to ?? NaN)),
    ofText({ ok, of, percent: null }, trans),
    countText(most.counts.generations),
    stepText(most.from, most.to)
  );
}

function tableOf(
  steps: readonly IStep[],
  trans: TranslationBundle
): IDataTable {
  const number = (count: number) => ({ text: countText(count), by: count });
  return {
    head: [
      trans.__('Time'),
      trans.__('Generations'),
      trans.__('Good'),
      trans.__('In part'),
      trans.__('Empty'),
      trans.__('Failed')
    ],
    rows: [...steps]
      .reverse()
      .filter(({ counts }) => counts.generations > 0)
      .map(({ from, to, counts }) => [
        stepText(from, to),
        number(counts.generations),
        number(counts.good),
        number(counts.partial),
        number(counts.empty),
        number(counts.failed)
      ])
  };
}
