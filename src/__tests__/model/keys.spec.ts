import { CommandRegistry } from '@lumino/commands';

import { keyLines } from '../../model/keys';

describe('keyLines', () => {
  it('shows the keys that are set, in the order of the list', () => {
    const commands = new CommandRegistry();
    for (const id of ['a', 'b', 'c']) {
      commands.addCommand(id, {
        label: `Do ${id}`,
        describedBy: { args: {} },
        execute: () => undefined
      });
    }
    for (const [command, key, selector] of [
      ['a', 'Alt Y', 'body'],
      ['a', 'Alt Y', '.other'],
      ['a', 'Alt Shift Y', 'body'],
      ['c', 'Alt N', 'body']
    ] as const) {
      commands.addKeyBinding({ command, keys: [key], selector });
    }
    expect(keyLines(commands, ['c', 'b', 'a', 'unknown'])).toEqual([
      { command: 'c', label: 'Do c', keys: ['Alt+N'] },
      { command: 'a', label: 'Do a', keys: ['Alt+Y', 'Alt+Shift+Y'] }
    ]);
  });
});
