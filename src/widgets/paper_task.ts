import type { TranslationBundle } from '@jupyterlab/translation';

import type { PaperDesk } from '../model/paper_desk';
import { paperName } from '../model/paper_names';

/**
 * Whether cells can be made of a paper, and where they would go.
 */
export function paperTask(
  desk: Pick<PaperDesk, 'ready' | 'reading' | 'chosen' | 'told'>,
  task: string,
  notebook: string,
  trans: TranslationBundle
): { ready: boolean; place: string } {
  if (!desk.ready) {
    const place = desk.reading
      ? trans.__('The paper is being read.')
      : trans.__('Give a paper first, and have it read.');
    return { ready: false, place };
  }
  const any = (desk.told?.paper?.candidates.length ?? 0) > 0;
  return {
    ready: any ? desk.chosen.length > 0 : task.trim() !== '',
    place: notebook
      ? trans.__(
          'The cells go into %1, below its active cell.',
          paperName(notebook)
        )
      : trans.__('The cells go into a new notebook.')
  };
}
