import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';

import { FormDialog } from '../../widgets/form_dialog';
import { PackagesBody } from '../../widgets/sandbox_packages';
import type { Problem } from '../../wire/schema';
import { attach, button, write } from '../fakes/page';
import { problem } from '../fakes/sandboxes';

async function show(answer: Promise<Problem | null>) {
  const onAdd = jest.fn((_: string[]) => answer);
  const body = new PackagesBody({
    language: 'python',
    trans: nullTranslator.load('gptoss_lab'),
    onAdd
  });
  const dialog = new FormDialog({
    title: 'Packages',
    body,
    close: 'Close',
    focus: 'textarea'
  });
  await attach(dialog);
  await act(async () => {
    await body.renderPromise;
  });
  const { node } = body;
  const field = node.querySelector('textarea');
  const submit = () =>
    act(async () => {
      button(node, 'Add and restart').click();
    });
  return { onAdd, dialog, node, field, submit };
}

describe('PackagesBody', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('says that the sandbox starts anew', async () => {
    const { node } = await show(Promise.resolve(null));
    expect(node.textContent).toContain('The sandbox starts anew with them');
  });

  it('adds the names that were written, and says so', async () => {
    const { onAdd, node, field, submit } = await show(Promise.resolve(null));
    await submit();
    expect(onAdd).not.toHaveBeenCalled();
    write(field, 'polars\nnetworkx>=3');
    await submit();
    expect(onAdd).toHaveBeenCalledWith(['polars', 'networkx>=3']);
    expect(node.textContent).toContain('Added: polars, networkx>=3.');
    expect(field?.value).toBe('');
  });

  it('shows that it works, and takes nothing more meanwhile', async () => {
    const { onAdd, node, field, submit } = await show(new Promise(() => null));
    write(field, 'polars');
    await submit();
    await submit();
    expect(onAdd).toHaveBeenCalledTimes(1);
    expect(node.querySelector('progress')).not.toBeNull();
    expect(node.textContent).toContain('Adding polars.');
  });

  it('says what was refused and keeps what was written', async () => {
    const { node, field, submit } = await show(
      Promise.resolve(
        problem({ detail: 'There is no polrs.', hint: 'Did you mean polars?' })
      )
    );
    write(field, 'polrs');
    await submit();
    expect(node.querySelector('[role=alert]')?.textContent).toBe(
      'There is no polrs. Did you mean polars?'
    );
    expect(field?.value).toBe('polrs');
  });

  it('refuses more than a request may name', async () => {
    const { onAdd, node, field, submit } = await show(Promise.resolve(null));
    write(field, Array.from({ length: 51 }, (_, i) => `p${i}`).join('\n'));
    await submit();
    expect(onAdd).not.toHaveBeenCalled();
    expect(node.textContent).toContain('At most 50 at a time.');
  });

  it('leaves Enter to the field; Ctrl Enter adds', async () => {
    const { onAdd, field } = await show(Promise.resolve(null));
    write(field, 'polars');
    const press = async (ctrlKey: boolean) => {
      const event = new KeyboardEvent('keydown', {
        key: 'Enter',
        ctrlKey,
        bubbles: true,
        cancelable: true
      });
      await act(async () => {
        field?.dispatchEvent(event);
      });
      return event.defaultPrevented;
    };
    expect(await press(false)).toBe(false);
    expect(onAdd).not.toHaveBeenCalled();
    expect(await press(true)).toBe(true);
    expect(onAdd).toHaveBeenCalledTimes(1);
  });

  it('closes on Escape', async () => {
    const { dialog, field } = await show(Promise.resolve(null));
    const reject = jest.spyOn(dialog, 'reject');
    field?.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })
    );
    expect(reject).toHaveBeenCalledTimes(1);
  });
});
