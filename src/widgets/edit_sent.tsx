import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { CellEdit, DocSourceInput } from '../wire/schema';
import { cellName } from './edit_labels';
import { sourceName } from './labels';

/**
 * What is sent, on demand: the cells, their errors, the documentation.
 */
export function EditSent(props: {
  edit: CellEdit;
  sources: readonly DocSourceInput[];
  trans: TranslationBundle;
  onShowPanel: () => void;
}): JSX.Element {
  const { edit, sources, trans } = props;
  const names = sources.map(sourceName).join(', ');
  return (
    <details className="jp-Gptoss-edit-sent">
      <summary>
        {[
          trans._n('Sends %1 cell', 'Sends %1 cells', edit.cells.length),
          names === ''
            ? trans.__('no documentation')
            : trans.__('documentation: %1', names)
        ].join(' · ')}
      </summary>
      <ul>
        {edit.cells.map(cell => (
          <li key={cell.id}>
            <code>{cellName(cell, trans)}</code>{' '}
            <span className="jp-Gptoss-quiet">
              {trans._n(
                '%1 line',
                '%1 lines',
                (cell.source ?? '').split('\n').length
              )}
            </span>
            {cell.error !== '' && (
              <pre
                className="jp-Gptoss-error"
                tabIndex={0}
                role="group"
                aria-label={trans.__('The error that is sent')}
              >
                {cell.error}
              </pre>
            )}
          </li>
        ))}
        <li>
          {edit.kind === 'fix'
            ? trans.__(
                'The source of the code cells above. Of all outputs, only the errors.'
              )
            : trans.__(
                'The source of the code cells above; no outputs, no data.'
              )}
        </li>
      </ul>
      <button
        type="button"
        className="jp-Gptoss-link"
        onClick={props.onShowPanel}
      >
        {trans.__('Change the documentation in the panel')}
      </button>
    </details>
  );
}
