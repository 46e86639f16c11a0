import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { rateOf } from '../model/monitor_rates';
import type { IRate } from '../model/monitor_rates';
import type { ErrorCount, QualityGroup } from '../wire/schema';
import { DataTable } from './data_table';
import type { DataCell, IDataTable } from './data_table';
import {
  countText,
  errorKind,
  errorName,
  groupName,
  ofText,
  percentText,
  secondsText
} from './monitor_labels';

/**
 * As many letters of a templates' hash tell it from the others.
 */
const HASH_LETTERS = 8;

/**
 * Which errors were met, and how often.
 */
export function MonitorErrors(props: {
  errors: readonly ErrorCount[];
  trans: TranslationBundle;
  onHistory: () => void;
}): JSX.Element {
  const { errors, trans } = props;
  return (
    <section className="jp-Gptoss-section" aria-label={trans.__('Errors')}>
      <h3>{trans.__('Errors')}</h3>
      {errors.length === 0 ? (
        <p className="jp-Gptoss-teach">{trans.__('None in this time.')}</p>
      ) : (
        <>
          <DataTable
            {...errorTable(errors, trans)}
            label={trans.__('Errors')}
            trans={trans}
          />
          <p>
            <button
              type="button"
              className="jp-Gptoss-link"
              onClick={props.onHistory}
            >
              {trans.__('See the jobs in the history')}
            </button>
          </p>
        </>
      )}
    </section>
  );
}

/**
 * How each model, set of templates and version of documentation did.
 */
export function MonitorGroups(props: {
  groups: readonly QualityGroup[];
  trans: TranslationBundle;
}): JSX.Element | null {
  const { groups, trans } = props;
  const title = trans.__('By model, templates and documentation');
  return groups.length === 0 ? null : (
    <section className="jp-Gptoss-section" aria-label={title}>
      <h3>{title}</h3>
      <DataTable {...groupTable(groups, trans)} label={title} trans={trans} />
    </section>
  );
}

/**
 * Errors, where they were met and how often.
 */
export function errorTable(
  errors: readonly ErrorCount[],
  trans: TranslationBundle
): IDataTable {
  return {
    sorts: true,
    head: [trans.__('Error'), trans.__('Where'), trans.__('Count')],
    rows: errors.map(({ code, kind, count }) => [
      errorName({ code, kind }, trans),
      errorKind(kind, trans),
      { text: countText(count), by: count }
    ])
  };
}

/**
 * Groups, with the figures that they are compared by.
 */
export function groupTable(
  groups: readonly QualityGroup[],
  trans: TranslationBundle
): IDataTable {
  return {
    sorts: true,
    head: [
      trans.__('Answered by'),
      trans.__('Generations'),
      trans.__('Success'),
      trans.__('Cells that run'),
      trans.__('Kept'),
      trans.__('Median time'),
      trans.__('Templates'),
      trans.__('Documentation')
    ],
    rows: groups.map(group => {
      const { quality } = group;
      const { ran, failed_run: broken, duration_s: time } = quality;
      const kept = quality.accepted + quality.edited;
      return [
        groupName(group, trans),
        { text: countText(quality.generations), by: quality.generations },
        rateCell(rateOf(quality.good, quality.generations), trans),
        rateCell(rateOf(ran, ran + broken), trans),
        rateCell(rateOf(kept, kept + quality.rejected), trans),
        { text: secondsText(time, trans), by: time ?? NaN },
        group.templates.slice(0, HASH_LETTERS) || trans.__('–'),
        group.docs || trans.__('–')
      ];
    })
  };
}

/**
 * A rate as a cell: those that are too few to say come last when sorted.
 */
function rateCell(rate: IRate, trans: TranslationBundle): DataCell {
  const counts = ofText(rate, trans);
  return {
    text:
      rate.percent === null
        ? counts
        : trans.__('%1 (%2)', percentText(rate, trans), counts),
    by: rate.percent ?? NaN,
    title:
      rate.percent === null && rate.of > 0
        ? percentText(rate, trans)
        : undefined
  };
}
