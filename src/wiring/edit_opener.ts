import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { IChoices } from '../choice_tokens';
import { CommandIDs } from '../commands';
import { cellLanguage } from '../model/edit_cells';
import type { IChosen } from '../model/edit_chosen';
import type { EditHistory } from '../model/edit_history';
import { SandboxPreview } from '../model/edit_preview';
import type { IExecutionApi } from '../model/edit_preview';
import { runOf } from '../model/edit_run';
import { EditSession } from '../model/edit_session';
import type { CellVerb, EditKind } from '../model/edit_verbs';
import type { HealthWatch } from '../model/health';
import type { IModelService } from '../model_tokens';
import type { IGenerationManager } from '../tokens';
import { answererText } from '../widgets/answerer';
import type { IAnswerer } from '../widgets/edit_box';
import { EditBoxes } from '../widgets/edit_boxes';
import { LiveRegion } from '../widgets/edit_live';
import { placeRow } from '../widgets/edit_place';
import { PreviewRow } from '../widgets/edit_preview';
import type { Problem } from '../wire/schema';

/**
 * What boxes and previews are opened with.
 */
export interface IEditOpenerOptions {
  commands: CommandRegistry;
  manager: IGenerationManager;
  model: IModelService;
  choices: IChoices;
  history: EditHistory;
  health: HealthWatch;
  execution: IExecutionApi;
  trans: TranslationBundle;
}

/**
 * Opens in a cell what a verb takes: the box for an instruction, or the
 * preview of a run.
 */
export class EditOpener {
  constructor(private readonly _options: IEditOpenerOptions) {
    const { choices, commands, health, history, model, trans } = _options;
    this._boxes = new EditBoxes({
      sources: choices.sources,
      history,
      answerer: () => this._answerer(),
      trans,
      onShowModel: () => void commands.execute(CommandIDs.showModel),
      onShowPanel: () => void commands.execute(CommandIDs.openPanel),
      onAnswered: () => this._announce()
    });
    health.changed.connect(this._boxes.redraw, this._boxes);
    model.changed.connect(this._boxes.redraw, this._boxes);
  }

  /**
   * Open what a verb takes in the last of the cells that it is about.
   */
  open(verb: CellVerb, chosen: IChosen): void {
    if (verb === 'run') {
      this._run(chosen);
    } else {
      this._ask(verb, chosen);
    }
  }

  private _ask(kind: EditKind, { panel, cells }: IChosen): void {
    const { choices, health, manager, model } = this._options;
    const first = cells[0];
    const notebook = panel.content.model;
    if (!first || !notebook) {
      return;
    }
    const session = new EditSession({
      kind,
      model: notebook,
      cells: cells.map(cell => cell.model.sharedModel.getId()),
      manager,
      choices,
      path: () => panel.context.localPath
    });
    const active = panel.content.activeCell;
    this._boxes.open(
      panel,
      active && cells.includes(active) ? active : first,
      session
    );
    void health.refresh();
    void model.refresh();
  }

  private _run({ panel, cells }: IChosen): void {
    const { choices, execution, trans } = this._options;
    const cell = cells[0];
    const notebook = panel.content.model;
    const language = cell && notebook && cellLanguage(notebook, cell.model);
    if (!cell || !notebook || !language) {
      return;
    }
    this._previews.get(cell)?.dispose();
    const preview = new SandboxPreview({
      api: execution,
      run: () => runOf(notebook, cell.model),
      language,
      data: () => choices.consent.paths(panel.context.localPath),
      refusal: () => this._noSandbox()
    });
    const row = new PreviewRow({
      cell: cell.model,
      preview,
      rendermime: panel.content.rendermime,
      trans,
      onRemove: () => remove(panel, row)
    });
    this._previews.set(cell, row);
    placeRow(cell, row, 'below-input');
    void preview.start();
  }

  /**
   * Why there is no sandbox; null where there is one, or where nobody says.
   */
  private async _noSandbox(): Promise<Problem | null> {
    const { health, trans } = this._options;
    await health.refresh();
    const { current } = health;
    if (!current || !('sandbox' in current) || current.sandbox.available) {
      return current && !('sandbox' in current) ? current : null;
    }
    const { reason, hint } = current.sandbox;
    return {
      type: 'about:blank',
      title: trans.__('There is no sandbox'),
      status: 0,
      detail: reason || trans.__('There is no sandbox on this server.'),
      code: 'no_sandbox',
      hint
    };
  }

  private _answerer(): IAnswerer {
    const { health, model, trans } = this._options;
    const { current } = health;
    if (current === null) {
      return { text: '', model: null, problem: null };
    }
    return 'generator' in current
      ? {
          text: answererText(current, model.state, trans),
          model: current.generator === 'model',
          problem: null
        }
      : { text: '', model: null, problem: current };
  }

  private _announce(): void {
    const { manager, trans } = this._options;
    this._live.say(
      trans._n(
        '%1 change waits for your review.',
        '%1 changes wait for your review.',
        manager.counts.pending
      )
    );
  }

  private readonly _boxes: EditBoxes;
  private readonly _live = new LiveRegion();
  private readonly _previews = new WeakMap<Cell, PreviewRow>();
}

function remove(panel: NotebookPanel, row: PreviewRow): void {
  const focused = row.node.contains(document.activeElement);
  row.dispose();
  if (focused && !panel.isDisposed) {
    panel.content.activate();
  }
}
