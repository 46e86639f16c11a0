import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon, closeIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { IGeneratedCell } from '../model/generated_cells';
import { changeLabel, findingsLabel, outcomeOf } from './pending_labels';

/**
 * What a person may do with cells of the list.
 */
export interface IPendingVerbs {
  onOpen: (path: string, one: IGeneratedCell) => void;
  onAccept: (path: string, cells: readonly IGeneratedCell[]) => void;
  onReject: (path: string, cells: readonly IGeneratedCell[]) => void;
}

/**
 * What one line of the list needs.
 */
export interface IPendingRowProps extends IPendingVerbs {
  path: string;
  one: IGeneratedCell;

  /**
   * Whether text is still arriving in the cell.
   */
  writing: boolean;
  trans: TranslationBundle;
}

const MARKS = { new: '+', changed: '~', deleted: '−' } as const;

/**
 * A pending cell: what happens to it, its first line, how it did. Drawn again
 * only when something of it changed.
 */
export const PendingRow = React.memo((props: IPendingRowProps): JSX.Element => {
  const { path, one, writing, trans } = props;
  const { provenance, line } = one;
  const name = line || trans.__('Empty cell');
  return (
    <li
      className={`jp-Gptoss-pending-row jp-mod-${provenance.change}`}
      data-row=""
    >
      <button
        type="button"
        className="jp-Gptoss-pending-open"
        title={trans.__('Go to this cell in %1', path)}
        onClick={() => props.onOpen(path, one)}
      >
        <span className="jp-Gptoss-pending-mark" aria-hidden="true">
          {MARKS[provenance.change]}
        </span>
        <code className="jp-Gptoss-pending-line">{name}</code>
        <Facts one={one} writing={writing} trans={trans} />
      </button>
      <span className="jp-Gptoss-pending-verbs">
        <button
          type="button"
          className="jp-Gptoss-icon"
          aria-disabled={writing}
          aria-label={trans.__('Accept %1', name)}
          title={trans.__('Accept this cell')}
          onClick={() => !writing && props.onAccept(path, [one])}
        >
          <checkIcon.react tag="span" />
        </button>
        <button
          type="button"
          className="jp-Gptoss-icon"
          aria-disabled={writing}
          aria-label={trans.__('Reject %1', name)}
          title={trans.__('Reject this cell')}
          onClick={() => !writing && props.onReject(path, [one])}
        >
          <closeIcon.react tag="span" />
        </button>
      </span>
    </li>
  );
});

function Facts(props: {
  one: IGeneratedCell;
  writing: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { trans, writing } = props;
  const { provenance, cell } = props.one;
  const outcome = writing
    ? { tone: 'quiet', text: trans.__('Being written') }
    : outcomeOf(provenance, trans);
  const findings = findingsLabel(provenance, trans);
  return (
    <span className="jp-Gptoss-row-facts jp-Gptoss-pending-facts">
      <span>{changeLabel(provenance.change, trans)}</span>
      {cell.type === 'markdown' && <span>{trans.__('Markdown')}</span>}
      {outcome && (
        <span className={`jp-Gptoss-outcome jp-mod-${outcome.tone}`}>
          {outcome.text}
        </span>
      )}
      {findings && <span>{findings}</span>}
    </span>
  );
}
