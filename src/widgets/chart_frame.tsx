import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useRef, useState } from 'react';

import { Swatch } from './chart_marks';
import type { Tone } from './chart_marks';
import { useChartId, useWidth } from './chart_size';
import { DataTable } from './data_table';
import type { IDataTable } from './data_table';

/**
 * What stands around a chart.
 */
export interface IChartFrameProps {
  title: string;

  /**
   * Said below the title: what is drawn, and in which unit.
   */
  note?: string;

  /**
   * What the patterns stand for, where the chart itself does not say it.
   */
  marks?: readonly { readonly tone: Tone; readonly label: string }[];

  /**
   * The same figures as a table.
   */
  table: IDataTable;
  trans: TranslationBundle;

  /**
   * Draw the chart for a width, in pixels.
   */
  children: (width: number) => React.ReactNode;
}

/**
 * A chart with its title, that can be read as a table instead.
 */
export function ChartFrame(props: IChartFrameProps): JSX.Element {
  const { title, note, marks = [], trans } = props;
  const id = useChartId();
  const [asTable, setAsTable] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  return (
    <figure className="jp-Gptoss-chart">
      <figcaption>
        <h4>{title}</h4>
        <button
          type="button"
          className="jp-Gptoss-link"
          aria-label={
            asTable
              ? trans.__('Show as chart: %1', title)
              : trans.__('Show as table: %1', title)
          }
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? trans.__('Show as chart') : trans.__('Show as table')}
        </button>
      </figcaption>
      {note && <p className="jp-Gptoss-small">{note}</p>}
      <div className="jp-Gptoss-chart-place" ref={place}>
        {asTable ? (
          <DataTable {...props.table} label={title} trans={trans} />
        ) : (
          props.children(width)
        )}
      </div>
      {!asTable && marks.length > 0 && (
        <ul className="jp-Gptoss-key">
          {marks.map(({ tone, label }) => (
            <li key={tone}>
              <Swatch id={`${id}-${tone}-key`} tone={tone} />
              {label}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}
