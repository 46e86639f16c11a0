import { Dialog } from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';

import { sandboxCallbacks } from '../../widgets/sandbox_callbacks';
import { button } from '../fakes/page';
import {
  FakeSandboxApi,
  FakeSandboxes,
  capabilities,
  sandbox
} from '../fakes/sandboxes';

function setUp() {
  const sandboxes = new FakeSandboxes();
  const api = new FakeSandboxApi();
  api.contents = { 'a.csv': 'x' };
  const verbs = sandboxCallbacks({
    sandboxes,
    api,
    contents: {} as unknown as Contents.IManager,
    folder: () => 'elsewhere',
    trans: nullTranslator.load('gptoss_lab')
  });
  return { sandboxes, verbs };
}

/**
 * Wait until something is so.
 */
async function until<T>(look: () => T | null | false): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = look();
    if (found) {
      return found;
    }
    await settle();
  }
  throw new Error('It did not come about');
}

const dialog = () =>
  until(() => document.querySelector<HTMLElement>('.jp-Dialog'));

const settle = () =>
  act(async () => {
    await new Promise(resolve => setTimeout(resolve, 10));
  });

describe('sandboxCallbacks', () => {
  afterEach(async () => {
    Dialog.tracker.forEach(open => open.reject());
    await settle();
    document.body.innerHTML = '';
  });

  it('does at once what loses nothing', () => {
    const { sandboxes, verbs } = setUp();
    verbs.onInterrupt(sandbox());
    verbs.onDismiss(sandbox());
    verbs.onRemove(sandbox({ phase: 'ended' }));
    expect(sandboxes.calls).toEqual(['interrupt k1', 'dismiss k1', 'stop k1']);
  });

  it.each([
    ['onRestart', 'Restart', 'restart k1'],
    ['onStop', 'Stop', 'stop k1']
  ] as const)('asks before %s', async (verb, label, call) => {
    const { sandboxes, verbs } = setUp();
    verbs[verb](sandbox());
    const first = await dialog();
    expect(first.textContent).toContain('mean.ipynb: all variables');
    button(first, 'Cancel').click();
    await settle();
    expect(sandboxes.calls).toEqual([]);
    verbs[verb](sandbox());
    button(await dialog(), label).click();
    await settle();
    expect(sandboxes.calls).toEqual([call]);
  });

  it.each([
    ['shows', [], '["work"]'],
    ['hides', ['/home/ada/work'], '[]']
  ])('%s the folder of the notebook on a restart', async (_, data, sent) => {
    const { sandboxes, verbs } = setUp();
    verbs.onRestart(sandbox({ data }));
    const node = await dialog();
    const box = node.querySelector<HTMLInputElement>('[type=checkbox]');
    expect(box?.checked).toBe(data.length > 0);
    box?.click();
    button(node, 'Restart').click();
    await settle();
    expect(sandboxes.calls).toEqual([`restart k1 ${sent}`]);
  });

  it('offers no data where the server shows none, or no notebook is there', async () => {
    const { sandboxes, verbs } = setUp();
    sandboxes.capabilities = capabilities({ data: 'off' });
    verbs.onRestart(sandbox());
    const first = await dialog();
    expect(first.querySelector('[type=checkbox]')).toBeNull();
    button(first, 'Cancel').click();
    await settle();
    sandboxes.capabilities = capabilities();
    verbs.onRestart(sandbox({ purpose: 'execute', notebook: '' }));
    expect((await dialog()).querySelector('[type=checkbox]')).toBeNull();
  });

  it.each([
    [sandbox(), 'work/a.csv'],
    [sandbox({ purpose: 'execute', notebook: '' }), 'elsewhere/a.csv'],
    [sandbox({ notebook: 'top.ipynb' }), 'a.csv']
  ])('offers to save beside the notebook', async (one, target) => {
    const { verbs } = setUp();
    verbs.onFiles(one);
    const node = await dialog();
    await until(() => node.querySelector('td'));
    act(() => button(node, 'Save a.csv…').click());
    expect(node.querySelector('input')?.value).toBe(target);
  });

  it('shows the form of packages', async () => {
    const { verbs } = setUp();
    verbs.onPackages(sandbox());
    const node = await dialog();
    await until(() => node.querySelector('textarea'));
    expect(node.textContent).toContain('Packages of mean.ipynb');
  });
});
