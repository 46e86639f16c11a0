import type { JupyterFrontEnd } from '@jupyterlab/application';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../../commands';
import type { IGenerationManager, Phase } from '../../tokens';
import type { GenerationPanel } from '../../widgets/panel';
import type { ModelState } from '../../wire/schema';
import { addPanelCommands } from '../../wiring/commands';
import { FakeModel, attached, modelState, ready } from '../fakes/model';

function setUp(phase: Phase = 'idle', state: ModelState = ready()) {
  const commands = new CommandRegistry();
  const activateById = jest.fn();
  const showModel = jest.fn();
  const stop = jest.fn();
  const model = Object.assign(new FakeModel(), { state });
  addPanelCommands({
    app: { commands, shell: { activateById } } as unknown as JupyterFrontEnd,
    manager: { phase, stop } as unknown as IGenerationManager,
    model,
    panel: { id: 'p', showModel } as unknown as GenerationPanel,
    trans: nullTranslator.load('gptoss_lab')
  });
  return { commands, activateById, showModel, model };
}

/**
 * Answer the question that is on the page.
 */
async function answer(label: string): Promise<string> {
  for (let tries = 0; tries < 50; tries += 1) {
    const dialog = document.querySelector('.jp-Dialog');
    const found = [...(dialog?.querySelectorAll('button') ?? [])].find(
      node => node.textContent === label
    );
    if (found) {
      const text = dialog?.textContent ?? '';
      found.click();
      return text;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`Nothing asks for ${label}`);
}

describe('the commands of the model', () => {
  it('show its section and start it', async () => {
    const { commands, activateById, showModel, model } = setUp(
      'idle',
      modelState()
    );
    await commands.execute(CommandIDs.showModel);
    expect(model.calls).toEqual([]);
    await commands.execute(CommandIDs.startModel);
    expect(activateById.mock.calls).toEqual([['p'], ['p']]);
    expect(showModel).toHaveBeenCalledTimes(2);
    expect(model.calls).toEqual(['start']);
  });

  it('stop it unasked while nothing is generated, as it stands now', async () => {
    const { commands, model } = setUp();
    await commands.execute(CommandIDs.stopModel);
    expect(model.calls).toEqual(['refresh', 'stop']);
  });

  it.each([
    ['Stop', ['refresh', 'stop']],
    ['Cancel', ['refresh']]
  ])('ask first while one is: %s', async (label, calls) => {
    const { commands, model } = setUp('streaming');
    const done = commands.execute(CommandIDs.stopModel);
    expect(await answer(label)).toContain('A generation is running.');
    await done;
    expect(model.calls).toEqual(calls);
  });

  it('let an attached server go unasked: it ends what it answers', async () => {
    const { commands, model } = setUp('streaming', attached());
    await commands.execute(CommandIDs.stopModel);
    expect(model.calls).toEqual(['refresh', 'stop']);
  });

  it('count the generations of others', async () => {
    const queue = { running: 3, waiting: 0, slots: 4 };
    const { commands, model } = setUp('idle', ready({ queue }));
    const done = commands.execute(CommandIDs.stopModel);
    expect(await answer('Cancel')).toContain('3 generations are running.');
    await done;
    expect(model.calls).toEqual(['refresh']);
  });
});
