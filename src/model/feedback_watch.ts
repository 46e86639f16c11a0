import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { FeedbackItem } from '../wire/schema';
import type { DecisionLog, IDecided } from './decided';
import { feedbackOf } from './feedback_item';
import { ReviewWatch } from './pending';
import { isPending } from './provenance';
import { author } from './record_author';

/**
 * A decision of this page, and whether it holds: undo takes it back.
 */
interface ITold {
  readonly item: FeedbackItem;

  /**
   * Whether it takes the cell out of the notebook.
   */
  readonly removes: boolean;
  holds: boolean;
}

/**
 * Turns the decisions of this page into feedback, their undo and redo included.
 *
 * #### Notes
 * Only what is decided here: another person's page tells of their decisions.
 */
export class FeedbackWatch {
  constructor(
    log: DecisionLog,
    private readonly _tell: (items: readonly FeedbackItem[]) => void
  ) {
    log.made.connect(this._onMade, this);
  }

  private _onMade(
    _: unknown,
    made: { model: INotebookModel; decisions: readonly IDecided[] }
  ): void {
    let told = this._told.get(made.model);
    if (!told) {
      told = new ToldDecisions(made.model, this._tell);
      this._told.set(made.model, told);
    }
    this._tell(told.add(made.decisions));
  }

  private readonly _told = new WeakMap<INotebookModel, ToldDecisions>();
}

/**
 * The decisions of this page on one notebook. It lives as long as the notebook,
 * to whose signals alone it listens.
 */
class ToldDecisions {
  constructor(
    private readonly _model: INotebookModel,
    tell: (items: readonly FeedbackItem[]) => void
  ) {
    this._watch = new ReviewWatch(_model);
    this._watch.changed.connect((_, cell) =>
      tell(cell ? this._check([cell]) : this._checkAll())
    );
  }

  /**
   * Remember decisions; return what is to be told of them.
   */
  add(decisions: readonly IDecided[]): FeedbackItem[] {
    return decisions.flatMap(decision => {
      const item = feedbackOf(decision);
      if (!item) {
        return [];
      }
      const removes = decision.after === null;
      this._told.set(decision.id, { item, removes, holds: true });
      return [item];
    });
  }

  /**
   * What has changed with the list of cells: redo takes cells away again.
   */
  private _checkAll(): FeedbackItem[] {
    const here = [...this._model.cells];
    const ids = new Set(here.map(({ id }) => id));
    const again = [...this._told]
      .filter(([id, one]) => one.removes && !one.holds && !ids.has(id))
      .map(([, one]) => turn(one));
    return [...this._check(here), ...again];
  }

  /**
   * What has changed with these cells: one that waits again was decided on, but
   * that was undone.
   */
  private _check(cells: readonly ICellModel[]): FeedbackItem[] {
    return cells.flatMap(cell => {
      const one = this._told.get(cell.id);
      return one && one.holds === isPending(cell) ? [turn(one)] : [];
    });
  }

  private readonly _watch: ReviewWatch;
  private readonly _told = new Map<string, ITold>();
}

function turn(one: ITold): FeedbackItem {
  one.holds = !one.holds;
  return one.holds ? one.item : withdrawn(one.item);
}

function withdrawn(item: FeedbackItem): FeedbackItem {
  return { ...item, verdict: 'withdrawn', at: author.stamp().at };
}
