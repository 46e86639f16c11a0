import type { INotebookTracker } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import schema from '../../../schema/plugin.json';
import { CELL_VERBS, CommandIDs } from '../../commands';
import type { IChosen } from '../../model/edit_chosen';
import { addEditCommands } from '../../wiring/edit_commands';
import { ERROR, cellAt, mark, show } from '../fakes/edit';
import { notebook } from '../fakes/notebook';

function house(...sources: string[]) {
  const model = notebook(...sources);
  const widgets = sources.map((_, index) => ({
    model: cellAt(model, index),
    node: document.createElement('div')
  }));
  const selected = new Set<object>(widgets.slice(0, 1));
  const tracker = {
    currentWidget: {
      content: {
        model,
        widgets,
        isSelectedOrActive: (cell: object) => selected.has(cell)
      }
    },
    activeCell: widgets[0]
  };
  const commands = new CommandRegistry();
  const told: [string, number][] = [];
  addEditCommands({
    commands,
    tracker: tracker as unknown as INotebookTracker,
    trans: nullTranslator.load('gptoss_lab'),
    isWriting: () => false,
    onVerb: (verb, { cells }: IChosen) => told.push([verb, cells.length])
  });
  const select = (index: number): void => void selected.add(widgets[index]!);
  return { model, commands, told, select, tracker };
}

describe('the commands on cells', () => {
  it('work on the active cell, on the selected ones, or on one by its id', async () => {
    const { commands, told, select, model } = house('a', 'b');
    await commands.execute(CommandIDs.editCell);
    select(1);
    await commands.execute(CommandIDs.explainCell);
    const cell = cellAt(model, 1).sharedModel.getId();
    await commands.execute(CommandIDs.editCell, { cell });
    expect(told).toEqual([
      ['edit', 1],
      ['explain', 2],
      ['edit', 1]
    ]);
  });

  it('say why they are disabled', async () => {
    const { commands, model, told } = house('a');
    const { fixCell, redoCell, runInSandbox } = CommandIDs;
    expect(commands.isEnabled(fixCell)).toBe(false);
    expect(commands.caption(fixCell)).toBe('There is no error in its outputs');
    expect(commands.label(fixCell, { why: true })).toBe(
      'Fix the Error… (There is no error in its outputs)'
    );
    expect(commands.label(fixCell)).toBe('Fix the Error…');
    await expect(
      Promise.resolve(commands.execute(fixCell))
    ).resolves.toBeUndefined();
    expect(told).toEqual([]);
    show(model, 0, ERROR);
    expect(commands.isEnabled(fixCell)).toBe(true);
    expect(commands.caption(fixCell)).toContain('Have the error');
    expect(commands.isEnabled(redoCell)).toBe(false);
    mark(model, 0);
    expect(commands.isEnabled(redoCell)).toBe(true);
    expect(commands.isEnabled(runInSandbox)).toBe(true);
  });

  it('have nothing to do without a notebook', () => {
    const { commands, tracker } = house('a');
    Object.assign(tracker, { currentWidget: null, activeCell: null });
    expect(commands.isEnabled(CommandIDs.editCell)).toBe(false);
    expect(commands.isEnabled(CommandIDs.cellMenu)).toBe(false);
  });

  it('are listed at the cell, with reasons', async () => {
    const { commands } = house('a');
    await commands.execute(CommandIDs.cellMenu);
    const labels = [...document.querySelectorAll('.lm-Menu-itemLabel')].map(
      node => node.textContent
    );
    expect(labels).toHaveLength(7);
    expect(labels[1]).toContain('no error');
    await commands.execute(CommandIDs.cellMenu);
    expect(document.querySelectorAll('.lm-Menu')).toHaveLength(1);
  });

  it('stand in the schema: context menu, toolbar, shortcuts', () => {
    const menus = JSON.stringify(schema['jupyter.lab.menus'].context);
    Object.values(CELL_VERBS).forEach(id => expect(menus).toContain(id));
    expect(schema['jupyter.lab.toolbars'].Cell[0]?.command).toBe(
      CommandIDs.cellMenu
    );
    const keys = schema['jupyter.lab.shortcuts'].map(
      ({ keys, selector }) => `${keys.join(' ')} ${selector}`
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});
