import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { CommandIDs } from '../commands';
import type { PendingList } from '../model/pending_list';
import { Keys } from './keys';
import { PendingCells } from './pending_list';
import type { IPendingVerbs } from './pending_row';

/**
 * What the tab of the review needs.
 */
export interface IReviewTabProps extends IPendingVerbs {
  list: Pick<PendingList, 'notebooks' | 'count' | 'isWriting'>;
  keysOf: (command: string) => readonly string[];
  trans: TranslationBundle;
  onEmptied: () => void;

  /**
   * Called when a person who has nothing to review wants something.
   */
  onGenerate: () => void;
}

/**
 * All that waits for review, or what it would be.
 */
export function ReviewTab(props: IReviewTabProps): JSX.Element {
  return (
    <div className="jp-Gptoss-body">
      {props.list.count === 0 && <NothingPending {...props} />}
      <PendingCells {...props} />
    </div>
  );
}

function NothingPending(props: IReviewTabProps): JSX.Element {
  const { trans, keysOf } = props;
  return (
    <div className="jp-Gptoss-teach">
      <p>
        <strong>{trans.__('Nothing waits for review.')}</strong>{' '}
        {trans.__(
          'Generated cells of all open notebooks are listed here until you accept or reject them. Before that, none of them can run.'
        )}
      </p>
      <p>
        <button
          type="button"
          className="jp-Gptoss-button"
          onClick={props.onGenerate}
        >
          {trans.__('Generate cells')}
        </button>
      </p>
      <Keys
        trans={trans}
        lines={[
          [
            trans.__('In the notebook, accept or reject'),
            [...keysOf(CommandIDs.acceptCell), ...keysOf(CommandIDs.rejectCell)]
          ],
          [
            trans.__('Next or previous pending cell'),
            [
              ...keysOf(CommandIDs.nextPending),
              ...keysOf(CommandIDs.previousPending)
            ]
          ],
          [trans.__('From line to line in this list'), ['↓', '↑']]
        ]}
      />
    </div>
  );
}
