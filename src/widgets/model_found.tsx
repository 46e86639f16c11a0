import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { FoundServer } from '../wire/schema';

/**
 * Servers on this machine that the person may use; none is taken by itself.
 */
export function FoundServers(props: {
  found: readonly FoundServer[];
  busy: boolean;
  trans: TranslationBundle;
  onAttach: (url: string) => void;
}): JSX.Element | null {
  const { found, trans } = props;
  if (found.length === 0) {
    return null;
  }
  return (
    <div className="jp-Gptoss-found">
      <p id="jp-Gptoss-found">
        {trans._n(
          'A model server was found on this machine. It is used only once you attach it.',
          '%1 model servers were found on this machine. They are used only once you attach one.',
          found.length
        )}
      </p>
      <ul className="jp-Gptoss-options" aria-labelledby="jp-Gptoss-found">
        {found.map(server => (
          <li key={server.url}>
            <div className="jp-Gptoss-option-head">
              <span>{server.name || server.url}</span>
              <button
                type="button"
                className="jp-Gptoss-button"
                aria-label={trans.__('Attach %1', server.name || server.url)}
                aria-disabled={props.busy}
                onClick={() => {
                  if (!props.busy) {
                    props.onAttach(server.url);
                  }
                }}
              >
                {trans.__('Attach')}
              </button>
            </div>
            <div className="jp-Gptoss-row-facts">
              <span>{server.url}</span>
              {server.models.length > 0 && (
                <span>{server.models.join(', ')}</span>
              )}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
