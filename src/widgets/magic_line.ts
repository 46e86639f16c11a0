import type { IRenderMime } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { readNote } from '../model/magic_outputs';
import type { INote } from '../model/magic_outputs';
import { MIME } from '../model/magic_variables';
import type { IGenerationManager } from '../tokens';

/**
 * What the line below a `%%gptoss` cell works with.
 */
export interface IMagicLineOptions {
  manager: IGenerationManager;
  trans: TranslationBundle;
  onOpen: () => void;
}

/**
 * One quiet line: where the generation stands, of which documentation.
 *
 * #### Notes
 * It only shows. A note in a notebook that was opened starts nothing.
 */
export class MagicLine extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly _options: IMagicLineOptions) {
    super();
    const { manager, trans, onOpen } = _options;
    this.addClass('jp-Gptoss-magic');
    this._state.className = 'jp-Gptoss-magic-state';
    this._state.setAttribute('role', 'status');
    this._docs.className = 'jp-Gptoss-quiet';
    const open = document.createElement('button');
    open.type = 'button';
    open.className = 'jp-Gptoss-link';
    open.textContent = trans.__('Open the panel');
    open.addEventListener('click', onOpen);
    const row = document.createElement('div');
    row.className = 'jp-Gptoss-magic-row';
    row.append(this._state, this._docs, open);
    this.node.append(row, this._details);
    manager.changed.connect(this._draw, this);
  }

  /**
   * Show a note.
   */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._note = readNote(model.data[MIME]);
    this._draw();
    this._drawVariables();
  }

  private _draw(): void {
    const { manager, trans } = this._options;
    const { job, docs } = this._note;
    const text = stateOf(job, manager, trans);
    if (this._state.textContent !== text) {
      this._state.textContent = text;
    }
    this._docs.textContent = docs.join(' · ');
  }

  private _drawVariables(): void {
    const { trans } = this._options;
    const { variables } = this._note;
    this._details.hidden = variables.length === 0;
    const summary = document.createElement('summary');
    summary.textContent = trans.__('What was sent of your variables');
    const list = document.createElement('ul');
    for (const { name, description } of variables) {
      const row = document.createElement('li');
      row.textContent = `${name}: ${description}`;
      list.append(row);
    }
    this._details.replaceChildren(summary, list);
  }

  private readonly _state = document.createElement('span');
  private readonly _docs = document.createElement('span');
  private readonly _details = document.createElement('details');
  private _note: INote = { job: '', docs: [], variables: [] };
}

/**
 * Say where a job stands; of one that is not the last, only that it was.
 */
export function stateOf(
  job: string,
  manager: Pick<IGenerationManager, 'job' | 'phase' | 'counts' | 'problem'>,
  trans: TranslationBundle
): string {
  if (job === '' && manager.phase === 'starting') {
    return trans.__('Asking gpt-oss…');
  }
  if (job === '' || manager.job?.id !== job) {
    return trans.__(
      'gpt-oss was asked here. Run this cell by itself to ask again.'
    );
  }
  const { pending, accepted, total } = manager.counts;
  switch (manager.phase) {
    case 'streaming':
      return trans.__('gpt-oss writes the cells below…');
    case 'reviewing':
      return trans._n(
        '%1 cell below waits for your review. It has not run.',
        '%1 cells below wait for your review. None has run.',
        pending
      );
    case 'error':
      return trans.__(
        'The generation failed: %1',
        manager.problem?.detail || manager.problem?.title || ''
      );
    default:
      if (total === 0) {
        const { warnings, message } = manager.job;
        return trans.__(
          'No cells were made. %1',
          warnings[0]?.message ?? message
        );
      }
      return trans._n(
        'Reviewed: %1 cell accepted.',
        'Reviewed: %1 cells accepted.',
        accepted
      );
  }
}
