import type { JupyterFrontEnd } from '@jupyterlab/application';

import { PALETTE } from '../commands';
import { keyLines, keysOf } from '../model/keys';
import type { IPanelOptions } from '../widgets/panel_body';

/**
 * The keys of our commands as they are set, and the way to change them.
 */
export function keyWiring({
  commands
}: Pick<JupyterFrontEnd, 'commands'>): Pick<
  IPanelOptions,
  'keysOf' | 'keyLines' | 'onChangeKeys'
> {
  return {
    keysOf: command => keysOf(commands, command),
    keyLines: () => keyLines(commands, ownCommands(commands.listCommands())),
    onChangeKeys: () =>
      void commands.execute('settingeditor:open', {
        query: 'Keyboard Shortcuts'
      })
  };
}

/**
 * Our commands: those of the palette in their order, then the others.
 */
function ownCommands(known: readonly string[]): string[] {
  const own = known.filter(id => id.startsWith('gptoss-lab:'));
  return [...new Set([...PALETTE, ...own])];
}
