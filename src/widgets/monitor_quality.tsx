import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { ratesOf } from '../model/monitor_rates';
import type { IRate } from '../model/monitor_rates';
import type { Quality } from '../wire/schema';
import { countText, ofText, percentText, secondsText } from './monitor_labels';
import { PartsChart } from './parts_chart';
import type { IPart } from './parts_chart';

/**
 * How well generations did: rates with their counts, then where cells ended.
 */
export function MonitorQuality(props: {
  quality: Quality;
  window: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { quality, window, trans } = props;
  return (
    <section className="jp-Gptoss-section" aria-label={trans.__('Quality')}>
      <h3>{trans.__('Generations in %1', window)}</h3>
      <dl className="jp-Gptoss-rates">
        {rateRows(quality, trans).map(({ name, rate, of }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <b>{percentText(rate, trans)}</b>
              {rate.of > 0 && <span>{of}</span>}
              <Meter rate={rate} />
            </dd>
          </div>
        ))}
      </dl>
      <dl className="jp-Gptoss-facts">
        {factRows(quality, trans).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="jp-Gptoss-charts">
        <PartsChart
          title={trans.__('How generations ended')}
          of={trans.__('Outcome')}
          parts={outcomeParts(quality, trans)}
          trans={trans}
        />
        {quality.cells > 0 && (
          <PartsChart
            title={trans.__('How far cells came')}
            of={trans.__('Outcome')}
            parts={cellParts(quality, trans)}
            trans={trans}
          />
        )}
        {quality.accepted + quality.edited + quality.rejected > 0 && (
          <PartsChart
            title={trans.__('What people decided')}
            of={trans.__('Decision')}
            parts={reviewParts(quality, trans)}
            trans={trans}
          />
        )}
      </div>
    </section>
  );
}

/**
 * The rates, in the order in which a cell meets them.
 */
export function rateRows(
  quality: Quality,
  trans: TranslationBundle
): { name: string; rate: IRate; of: string }[] {
  const rates = ratesOf(quality);
  const count = (rate: IRate): string => ofText(rate, trans);
  return [
    {
      name: trans.__('Success'),
      rate: rates.success,
      of: trans.__('%1 generations', count(rates.success))
    },
    {
      name: trans.__('Cells that parse'),
      rate: rates.parse,
      of: trans.__('%1 cells', count(rates.parse))
    },
    {
      name: trans.__('Pass the checks'),
      rate: rates.check,
      of: trans.__('%1 that parse', count(rates.check))
    },
    {
      name: trans.__('Run well'),
      rate: rates.run,
      of: trans.__('%1 that were run', count(rates.run))
    },
    {
      name: trans.__('Executions'),
      rate: rates.executions,
      of: trans.__('%1 ended well', count(rates.executions))
    },
    {
      name: trans.__('Kept by people'),
      rate: rates.kept,
      of: trans.__('%1 decided on', count(rates.kept))
    }
  ];
}

/**
 * Names and values of what is no rate.
 */
export function factRows(
  quality: Quality,
  trans: TranslationBundle
): [string, string][] {
  const { repair_rounds: rounds, generations } = quality;
  const each = generations > 0 ? rounds / generations : 0;
  const digits = { maximumFractionDigits: 1 };
  return [
    [
      trans.__('Rounds of repair'),
      generations > 0
        ? trans.__(
            '%1, %2 per generation',
            countText(rounds),
            each.toLocaleString(undefined, digits)
          )
        : countText(rounds)
    ],
    [trans.__('First text'), secondsText(quality.first_text_s, trans)],
    [trans.__('Generation'), secondsText(quality.duration_s, trans)],
    [
      trans.__('Speed'),
      quality.tokens_per_s === null
        ? secondsText(null, trans)
        : trans.__(
            '%1 tokens/s',
            quality.tokens_per_s.toLocaleString(undefined, digits)
          )
    ]
  ];
}

/**
 * How generations ended.
 */
export function outcomeParts(
  quality: Quality,
  trans: TranslationBundle
): IPart[] {
  return [
    { tone: 'good', label: trans.__('All cells good'), count: quality.good },
    { tone: 'fair', label: trans.__('Some good'), count: quality.partial },
    { tone: 'none', label: trans.__('No cells'), count: quality.empty },
    { tone: 'bad', label: trans.__('Failed'), count: quality.failed }
  ];
}

/**
 * How far code cells came.
 */
export function cellParts(quality: Quality, trans: TranslationBundle): IPart[] {
  return [
    { tone: 'good', label: trans.__('Ran well'), count: quality.ran },
    {
      tone: 'fair',
      label: trans.__('Checked, not run'),
      count: quality.checked
    },
    {
      tone: 'none',
      label: trans.__('Does not parse'),
      count: quality.unparsed
    },
    {
      tone: 'poor',
      label: trans.__('Failed a check'),
      count: quality.failed_check
    },
    { tone: 'bad', label: trans.__('Failed to run'), count: quality.failed_run }
  ];
}

/**
 * What people decided on cells.
 */
export function reviewParts(
  quality: Quality,
  trans: TranslationBundle
): IPart[] {
  return [
    { tone: 'good', label: trans.__('Accepted'), count: quality.accepted },
    { tone: 'fair', label: trans.__('Edited'), count: quality.edited },
    { tone: 'bad', label: trans.__('Rejected'), count: quality.rejected }
  ];
}

/**
 * A rate as a length; its figures stand above it.
 */
function Meter(props: { rate: IRate }): JSX.Element {
  const { rate } = props;
  return (
    <div className="jp-Gptoss-meter" aria-hidden="true">
      {rate.percent !== null && <div style={{ width: `${rate.percent}%` }} />}
    </div>
  );
}
