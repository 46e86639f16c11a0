import type { JupyterFrontEnd } from '@jupyterlab/application';

import { LibraryApi } from '../library_api';
import { Library } from '../model/library';
import type { IPanelOptions } from '../widgets/panel_body';

/**
 * Wire the section of the indexed documentation to the server and the files.
 */
export function libraryWiring(
  app: JupyterFrontEnd
): Pick<IPanelOptions, 'library' | 'onOpenFile'> {
  return {
    library: new Library(new LibraryApi(app.serviceManager.serverSettings)),
    onOpenFile: path => void app.commands.execute('docmanager:open', { path })
  };
}
