import type { Contents } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';

import { SandboxFilesModel } from '../../model/sandbox_files';
import { FilesBody } from '../../widgets/sandbox_files';
import { attach, button, write } from '../fakes/page';
import { FakeSandboxApi, problem } from '../fakes/sandboxes';

/**
 * A list of files, to be saved where there is one of every name already.
 */
async function show(files: Record<string, string>) {
  const api = new FakeSandboxApi();
  api.contents = files;
  const save = jest.fn(async (path: string) => ({ path }) as Contents.IModel);
  const get = async (path: string) => ({ path }) as Contents.IModel;
  const model = new SandboxFilesModel({
    api,
    contents: { get, save },
    sandbox: 'k1',
    folder: 'work'
  });
  const onDownload = jest.fn();
  const body = new FilesBody({
    model,
    trans: nullTranslator.load('gptoss_lab'),
    onDownload
  });
  await attach(body);
  await act(() => model.refresh());
  return { api, model, node: body.node, save, onDownload };
}

describe('FilesBody', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('teaches while there is no file', async () => {
    const { node } = await show({});
    expect(node.textContent).toContain('Nothing yet.');
    expect(node.querySelector('table')).toBeNull();
  });

  it('lists name, size and date', async () => {
    const { node } = await show({ 'out/a.csv': 'a'.repeat(2048) });
    const cells = [...node.querySelectorAll('td')].map(td => td.textContent);
    expect(cells.slice(0, 2)).toEqual(['out/a.csv', '2 KB']);
    expect(cells[2]).not.toBe('');
  });

  it('asks before it replaces a file', async () => {
    const { node, save } = await show({ 'a.csv': 'x' });
    act(() => button(node, 'Save a.csv…').click());
    const field = node.querySelector('input');
    expect(field?.value).toBe('work/a.csv');
    await act(async () => button(node, 'Save').click());
    expect(save).not.toHaveBeenCalled();
    expect(node.querySelector('form [role=alert]')?.textContent).toContain(
      'There is a file with this name.'
    );
    write(field, 'work/b.csv');
    expect(button(node, 'Save').textContent).toBe('Save');
    await act(async () => button(node, 'Save').click());
    await act(async () => button(node, 'Replace').click());
    expect(save).toHaveBeenCalledWith('work/b.csv', expect.anything());
    expect(node.textContent).toContain('Saved as work/b.csv.');
  });

  it('changes its mind', async () => {
    const { node, save } = await show({ 'a.csv': 'x' });
    act(() => button(node, 'Save a.csv…').click());
    act(() => button(node, 'Cancel').focus());
    act(() => button(node, 'Cancel').click());
    expect(node.querySelector('form')).toBeNull();
    expect(document.activeElement).toBe(button(node, 'Save a.csv…'));
    expect(save).not.toHaveBeenCalled();
  });

  it('hands a file to the browser', async () => {
    const { node, onDownload } = await show({ 'a.csv': 'x' });
    act(() => button(node, 'Download a.csv').click());
    expect(onDownload).toHaveBeenCalledWith('a.csv');
  });

  it('says that it leaves something out', async () => {
    const { node, api, model } = await show({ 'a.csv': 'x' });
    api.refused = 2;
    await act(() => model.refresh());
    expect(node.textContent).toContain('2 entries are left out');
  });

  it('says why it cannot list', async () => {
    const { node, api } = await show({ 'a.csv': 'x' });
    api.down = problem({ detail: 'It has ended.' });
    await act(async () => button(node, 'Refresh the list of files').click());
    expect(node.querySelector('[role=alert]')?.textContent).toBe(
      'It has ended.'
    );
  });
});
