import type { TranslationBundle } from '@jupyterlab/translation';
import {
  ReactWidget,
  caretDownIcon,
  caretUpIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import type { IGenerationTally, ITally } from '../model/tally';

/**
 * What the review bar can have done. A job narrows it to one generation.
 */
export interface IBarActions {
  go(step: 1 | -1, job?: string): void;
  acceptAll(job?: string): void;
  rejectAll(job?: string): void;
  undoGeneration(job?: string): void;

  /**
   * A name with the keys that do the same.
   */
  titleOf(action: BarAction): string;
}

export type BarAction =
  'next' | 'previous' | 'acceptAll' | 'rejectAll' | 'undo';

/**
 * The bar below a notebook under review.
 *
 * #### Notes
 * It stands below the cells and not above: so they stay where they are when it
 * comes and goes. Its height is fixed, as Lumino's layouts want it.
 */
export class ReviewBar extends ReactWidget {
  constructor(
    private readonly _actions: IBarActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Gptoss-bar');
    this.hide();
  }

  /**
   * Show what waits; nothing where nothing does.
   */
  showTally(tally: ITally): void {
    this._tally = tally;
    if (!tally.generations.some(({ job }) => job === this._job)) {
      this._job = undefined;
    }
    this.setHidden(tally.cells === 0);
    this.update();
  }

  protected render(): JSX.Element | null {
    return this._tally.cells === 0 ? null : (
      <Bar
        tally={this._tally}
        job={this._job}
        actions={this._actions}
        trans={this._trans}
        onJob={job => {
          this._job = job;
          this.update();
        }}
      />
    );
  }

  private _tally: ITally = { cells: 0, hunks: 0, generations: [] };
  private _job: string | undefined;
}

interface IBarProps {
  tally: ITally;
  job: string | undefined;
  actions: IBarActions;
  trans: TranslationBundle;
  onJob: (job: string | undefined) => void;
}

/**
 * The content of the bar; pure.
 */
export function Bar(props: IBarProps): JSX.Element {
  const { tally, job, actions, trans } = props;
  const several = tally.generations.length > 1;
  return (
    <div
      className="jp-Gptoss-bar-row"
      role="region"
      aria-label={trans.__('Review')}
    >
      <span className="jp-Gptoss-bar-steps">
        <Step {...props} step={-1} />
        <Step {...props} step={1} />
      </span>
      {several ? (
        <Scope {...props} />
      ) : (
        <span className="jp-Gptoss-bar-count">{countText(tally, trans)}</span>
      )}
      <span className="jp-Gptoss-spacer" />
      {(!several || job !== undefined) && (
        <button
          type="button"
          className="jp-Gptoss-link jp-Gptoss-bar-undo"
          title={actions.titleOf('undo')}
          onClick={() => actions.undoGeneration(job)}
        >
          {trans.__('Undo this generation')}
        </button>
      )}
      <button
        type="button"
        className="jp-Gptoss-button jp-mod-reject"
        title={actions.titleOf('rejectAll')}
        onClick={() => actions.rejectAll(job)}
      >
        {trans.__('Reject all')}
      </button>
      <button
        type="button"
        className="jp-Gptoss-button jp-mod-accept"
        title={actions.titleOf('acceptAll')}
        onClick={() => actions.acceptAll(job)}
      >
        {trans.__('Accept all')}
      </button>
    </div>
  );
}

function Step(props: IBarProps & { step: 1 | -1 }): JSX.Element {
  const { step, job, actions, trans } = props;
  const icon = step === 1 ? caretDownIcon : caretUpIcon;
  return (
    <button
      type="button"
      className="jp-Gptoss-bar-step"
      aria-label={
        step === 1
          ? trans.__('Next pending cell')
          : trans.__('Previous pending cell')
      }
      title={actions.titleOf(step === 1 ? 'next' : 'previous')}
      onClick={() => actions.go(step, job)}
    >
      <icon.react tag="span" width="16px" height="16px" />
    </button>
  );
}

/**
 * Which generation the bar is about, where cells of several wait.
 */
function Scope(props: IBarProps): JSX.Element {
  const { tally, job, trans, onJob } = props;
  return (
    <select
      className="jp-Gptoss-select jp-Gptoss-bar-scope"
      aria-label={trans.__('What to review')}
      value={job ?? ''}
      onChange={({ target }) => onJob(target.value || undefined)}
    >
      <option value="">
        {trans.__(
          'All %1 generations: %2',
          tally.generations.length,
          countText(tally, trans)
        )}
      </option>
      {tally.generations.map(generation => (
        <option key={generation.job} value={generation.job}>
          {trans.__(
            '%1: %2',
            nameOf(generation, trans),
            countText(generation, trans)
          )}
        </option>
      ))}
    </select>
  );
}

function nameOf({ task }: IGenerationTally, trans: TranslationBundle): string {
  const line = task.trim().split('\n')[0] ?? '';
  if (line === '') {
    return trans.__('Without a task');
  }
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

function countText(
  { cells, hunks }: Pick<ITally, 'cells' | 'hunks'>,
  trans: TranslationBundle
): string {
  const count = trans._n('%1 cell to review', '%1 cells to review', cells);
  return hunks > cells
    ? `${count} · ${trans._n('%1 change', '%1 changes', hunks)}`
    : count;
}
