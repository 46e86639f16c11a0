import type { TranslationBundle } from '@jupyterlab/translation';

import type { IFigures, WindowHours } from '../model/monitor';
import type { DataCell, IDataTable } from './data_table';
import { verdictText } from './monitor_health';
import {
  countText,
  momentText,
  percentText,
  secondsText,
  serviceName,
  stageName,
  statusText,
  windowText
} from './monitor_labels';
import {
  cellParts,
  factRows,
  outcomeParts,
  rateRows,
  reviewParts
} from './monitor_quality';
import { usesOf } from './monitor_resources';
import { errorTable, groupTable } from './monitor_tables';
import type { Spread } from '../wire/schema';

/**
 * What the tab shows, as Markdown.
 */
export function monitorMarkdown(
  { monitor }: Pick<IFigures, 'monitor'>,
  hours: WindowHours,
  trans: TranslationBundle
): string {
  const { services, total, resources, errors, groups } = monitor;
  const parts = [
    `# ${trans.__('gptoss_lab in %1', windowText(hours, trans))}`,
    trans.__(
      '%1 to %2. %3.',
      longMoment(monitor.since),
      longMoment(monitor.at),
      verdictText(services, trans)
    ),
    table({
      head: [trans.__('Part'), trans.__('State'), trans.__('What to do')],
      rows: services.map(({ name, status, detail, fix }) => [
        serviceName(name, trans),
        [statusText(status, trans), detail].filter(Boolean).join(': '),
        fix
      ])
    }),
    `## ${trans.__('Generations')}`,
    table({
      head: [trans.__('Figure'), trans.__('Value'), trans.__('Count')],
      rows: [
        ...rateRows(total, trans).map(({ name, rate, of }) => [
          name,
          percentText(rate, trans),
          of
        ]),
        ...factRows(total, trans).map(([name, value]) => [name, value, ''])
      ]
    }),
    table({
      head: [trans.__('Outcome'), trans.__('Count')],
      rows: [
        ...outcomeParts(total, trans),
        ...cellParts(total, trans),
        ...reviewParts(total, trans)
      ].map(({ label, count }) => [label, countText(count)])
    }),
    ...section(trans.__('Errors'), errorTable(errors, trans)),
    ...section(
      trans.__('By model, templates and documentation'),
      groupTable(groups, trans)
    ),
    ...section(
      trans.__('Stages'),
      spreadTable(
        monitor.stages.map(one => ({
          ...one,
          name: stageName(one.name, trans)
        })),
        trans
      )
    ),
    ...section(trans.__('Answers'), spreadTable(monitor.responses, trans)),
    ...section(trans.__('This machine'), {
      head: [trans.__('Part'), trans.__('In use')],
      rows: usesOf(resources, trans).map(({ name, text }) => [name, text])
    })
  ];
  return `${parts.join('\n\n')}\n`;
}

function spreadTable(
  spreads: readonly Spread[],
  trans: TranslationBundle
): IDataTable {
  return {
    head: [
      trans.__('Name'),
      trans.__('Count'),
      trans.__('Median'),
      trans.__('19 of 20')
    ],
    rows: spreads.map(({ name, count, p50_s: half, p95_s: most }) => [
      name,
      countText(count),
      secondsText(half, trans),
      secondsText(most, trans)
    ])
  };
}

function section(title: string, rows: IDataTable): string[] {
  return rows.rows.length === 0 ? [] : [`## ${title}`, table(rows)];
}

function table({ head, rows }: IDataTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head.map(escape)),
    line(head.map(() => '---')),
    ...rows.map(row => line(row.map(cellText)))
  ].join('\n');
}

function cellText(cell: DataCell): string {
  return escape(typeof cell === 'string' ? cell : cell.text);
}

/**
 * Names come from servers and from notebooks: none of them is markup.
 */
function escape(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|#]/g, found => `\\${found}`)
    .replace(/\s+/g, ' ')
    .trim();
}

function longMoment(at: string): string {
  const when = new Date(at);
  return Number.isNaN(when.getTime())
    ? escape(at)
    : momentText(when, new Date(0));
}
