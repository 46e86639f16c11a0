import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { EditSession } from '../../model/edit_session';
import type { EditKind } from '../../model/edit_verbs';
import { EditBox } from '../../widgets/edit_box';
import type { IAnswerer } from '../../widgets/edit_box';
import { ERROR, choices, show } from '../fakes/edit';
import { FakeManager } from '../fakes/magic';
import { notebook } from '../fakes/notebook';
import { button, render, write } from '../fakes/page';
import { problem } from '../fakes/sandboxes';

const MODEL: IAnswerer = { text: 'Model: gpt', model: true, problem: null };
const NONE: IAnswerer = { text: 'No model', model: false, problem: null };

async function box(kind: EditKind = 'edit', answerer = MODEL) {
  const model = notebook("df['b']", 'y');
  show(model, 0, ERROR);
  const manager = new FakeManager();
  const session = new EditSession({
    kind,
    model,
    cells: [model.sharedModel.cells[0]?.getId() ?? ''],
    manager,
    choices: choices(),
    path: () => 'a.ipynb'
  });
  const told: string[] = [];
  const { node, draw } = await render(() => (
    <EditBox
      session={session}
      sources={[{ kind: 'package', uri: 'pandas' }]}
      answerer={answerer}
      history={['older', 'newer']}
      trans={nullTranslator.load('gptoss_lab')}
      onSend={text => {
        told.push(`send ${text}`);
        void session.send(text);
      }}
      onShowPrompt={text => told.push(`prompt ${text}`)}
      onClose={() => told.push('close')}
      onShowModel={() => told.push('model')}
      onShowPanel={() => told.push('panel')}
    />
  ));
  const area = node.querySelector('textarea') as HTMLTextAreaElement;
  const press = (key: string, more: KeyboardEventInit = {}): boolean => {
    const event = new KeyboardEvent('keydown', {
      key,
      bubbles: true,
      cancelable: true,
      ...more
    });
    act(() => void area.dispatchEvent(event));
    return event.defaultPrevented;
  };
  return { node, draw, area, press, told, manager, session };
}

afterEach(() => {
  document.body.textContent = '';
});

describe('EditBox', () => {
  it('sends with Enter, makes lines with Shift, closes with Escape', async () => {
    const { area, press, told } = await box();
    expect(document.activeElement).toBe(area);
    press('Enter');
    expect(told).toEqual([]);
    write(area, 'use polars');
    expect(press('Enter', { shiftKey: true })).toBe(true);
    expect(area.value).toBe('use polars\n');
    write(area, 'use polars ');
    expect(press('Enter', { isComposing: true })).toBe(false);
    expect(told).toEqual([]);
    expect(press('Enter')).toBe(true);
    expect(press('Escape')).toBe(true);
    expect(told).toEqual(['send use polars ', 'close']);
  });

  it('goes through what was asked before, and back to what was typed', async () => {
    const { area, press } = await box();
    write(area, 'typed');
    area.setSelectionRange(0, 0);
    expect(press('ArrowUp')).toBe(true);
    expect(area.value).toBe('newer');
    press('ArrowUp');
    expect(area.value).toBe('older');
    expect(press('ArrowUp')).toBe(false);
    press('ArrowDown');
    press('ArrowDown');
    expect(area.value).toBe('typed');
    write(area, 'two\nlines');
    area.setSelectionRange(5, 5);
    expect(press('ArrowUp')).toBe(false);
    expect(area.value).toBe('two\nlines');
  });

  it('shows what is sent, and who answers', async () => {
    const { node, told } = await box('fix');
    expect(node.textContent).toContain('Model: gpt');
    const sent = node.querySelector('details');
    expect(sent?.querySelector('summary')?.textContent).toBe(
      'Sends 1 cell · documentation: pandas'
    );
    expect(sent?.querySelector('code')?.textContent).toBe("df['b']");
    expect(sent?.querySelector('pre')?.textContent).toContain("KeyError: 'b'");
    expect(sent?.textContent).toContain('Of all outputs, only the errors.');
    button(node, 'Change the documentation in the panel').click();
    button(node, 'Fix').click();
    expect(told).toEqual(['panel', 'send ']);
  });

  it('says before anything is asked that a model is missing', async () => {
    const { node, area, press, told } = await box('edit', NONE);
    write(area, 'x');
    press('Enter');
    expect(button(node, 'Edit').disabled).toBe(true);
    expect(node.querySelector('[role=status]')?.textContent).toContain(
      'This takes a model'
    );
    button(node, 'Get a model').click();
    expect(told).toEqual(['model']);
    document.body.textContent = '';
    const example = await box('example', NONE);
    expect(button(example.node, 'Add').disabled).toBe(false);
  });

  it('shows word for word what is sent, once something is said', async () => {
    const { node, area, draw, told } = await box();
    button(node, 'Word for word').click();
    expect(told).toEqual([]);
    write(area, 'use polars');
    await draw();
    button(node, 'Word for word').click();
    expect(told).toEqual(['prompt use polars']);
  });

  it('shows progress, and stops in place', async () => {
    const { node, area, press, draw, manager, session } = await box();
    write(area, 'x');
    press('Enter');
    await draw();
    expect(area.readOnly).toBe(true);
    manager.job = manager.job && {
      ...manager.job,
      steps: [{ stage: 'stream', running: true, detail: '', done: 0, total: 0 }]
    };
    await draw();
    expect(node.querySelector('[role=status]')?.textContent).toBe(
      'Write the cells'
    );
    const stop = jest.spyOn(session, 'stop');
    button(node, 'Stop').click();
    expect(stop).toHaveBeenCalled();
  });

  it('says in place what went wrong, with the hint', async () => {
    const { node, area, press, draw, manager } = await box();
    manager.failure = problem({ detail: 'Busy.', hint: 'Wait a little.' });
    write(area, 'x');
    press('Enter');
    await draw();
    await draw();
    expect(node.querySelector('[role=alert]')?.textContent).toBe(
      'Busy.Wait a little.'
    );
    expect(area.value).toBe('x');
    expect(button(node, 'Edit').disabled).toBe(false);
  });

  it('says that nothing was proposed', async () => {
    const { node, area, press, draw, manager } = await box();
    write(area, 'x');
    press('Enter');
    await draw();
    manager.job = manager.job && {
      ...manager.job,
      ended: true,
      outcome: 'done',
      warnings: [{ message: 'Cut off.', hint: 'Ask for less.' }]
    };
    manager.changed.emit();
    await draw();
    expect(node.querySelector('[role=alert]')?.textContent).toContain(
      'No change was proposed.'
    );
    expect(node.textContent).toContain('Cut off. Ask for less.');
  });

  it('waits for another generation, and refuses a book', async () => {
    const { node, area, draw, manager } = await box();
    manager.phase = 'streaming';
    await draw();
    expect(node.textContent).toContain('A generation is running in a.ipynb');
    manager.phase = 'idle';
    write(area, 'x'.repeat(16_001));
    await draw();
    expect(node.textContent).toContain('too long: 16001 of 16000');
  });
});
