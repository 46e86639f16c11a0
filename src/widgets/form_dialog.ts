import { Dialog } from '@jupyterlab/apputils';
import type { Widget } from '@lumino/widgets';

/**
 * What a dialog with a form of its own needs.
 */
export interface IFormDialogOptions {
  title: string;
  body: Widget;

  /**
   * The label of the button that closes it.
   */
  close: string;

  /**
   * Selector of what has the focus first.
   */
  focus?: string;
}

/**
 * A dialog whose body has fields and buttons of its own.
 *
 * JupyterLab's takes Enter and the arrows for its own buttons; in this body
 * they mean what they mean in a page.
 */
export class FormDialog extends Dialog<void> {
  constructor(options: IFormDialogOptions) {
    super({
      title: options.title,
      body: options.body as Dialog.IBodyWidget<void>,
      buttons: [Dialog.cancelButton({ label: options.close })],
      focusNodeSelector: options.focus ?? ''
    });
    this._form = options.body;
  }

  protected _evtKeydown(event: KeyboardEvent): void {
    const inForm = this._form.node.contains(event.target as Node | null);
    if (inForm && /^(Enter|ArrowLeft|ArrowRight)$/.test(event.key)) {
      return;
    }
    super._evtKeydown(event);
  }

  private readonly _form: Widget;
}
