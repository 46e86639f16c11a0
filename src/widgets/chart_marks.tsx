import React from 'react';

/**
 * How a part of a chart is drawn: each has a colour and a pattern of its own, so
 * that it can be told from the others without colours.
 */
export const TONES = ['good', 'fair', 'none', 'poor', 'bad'] as const;

/**
 * One of them.
 */
export type Tone = (typeof TONES)[number];

const SIZE = 6;

const LINES: Record<Tone, string> = {
  good: '',
  fair: 'M-1 1 1 -1M0 6 6 0M5 7 7 5',
  none: 'M1.5 1.5h.1M4.5 4.5h.1',
  poor: 'M1.5 0V6M4.5 0V6',
  bad: 'M0 0 6 6M6 0 0 6'
};

/**
 * The patterns of a chart; ids are shared by a whole page, hence the prefix.
 */
export function Patterns(props: { id: string }): JSX.Element {
  return (
    <defs>
      {TONES.map(tone => (
        <pattern
          key={tone}
          id={patternId(props.id, tone)}
          className={`jp-Gptoss-ink jp-mod-${tone}`}
          width={SIZE}
          height={SIZE}
          patternUnits="userSpaceOnUse"
        >
          <rect width={SIZE} height={SIZE} />
          {LINES[tone] && <path d={LINES[tone]} />}
        </pattern>
      ))}
    </defs>
  );
}

/**
 * A filled box of a chart.
 */
export function Box(props: {
  id: string;
  tone: Tone;
  x: number;
  y: number;
  width: number;
  height: number;
}): JSX.Element {
  const { id, tone, x, y, width, height } = props;
  return (
    <rect
      className={`jp-Gptoss-box jp-mod-${tone}`}
      fill={`url(#${patternId(id, tone)})`}
      x={x}
      y={y}
      width={Math.max(0, width)}
      height={Math.max(0, height)}
    />
  );
}

/**
 * What stands before a name in a legend.
 */
export function Swatch(props: { id: string; tone: Tone }): JSX.Element {
  return (
    <svg
      className="jp-Gptoss-swatch"
      width={14}
      height={12}
      aria-hidden="true"
      focusable="false"
    >
      <Patterns id={props.id} />
      <Box {...props} x={0.5} y={0.5} width={13} height={11} />
    </svg>
  );
}

function patternId(id: string, tone: Tone): string {
  return `${id}-${tone}`;
}
