import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * Ask before generations lose their model.
 */
export async function confirmStopModel(
  running: number,
  trans: TranslationBundle
): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Stop the model?'),
    body: trans._n(
      'A generation is running. It ends with the cells that it has by then.',
      '%1 generations are running. They end with the cells that they have by then.',
      running
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Stop') })
    ]
  });
  return button.accept;
}
