import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';

import type { ISandboxKernel } from '../../model/sandbox_kernels';
import {
  SandboxStatus,
  statusText,
  statusTitle
} from '../../widgets/sandbox_status';
import { attach } from '../fakes/page';
import { FakeSandboxes, USAGE, sandbox } from '../fakes/sandboxes';

const trans = nullTranslator.load('gptoss_lab');

const KERNEL: ISandboxKernel = {
  id: 'k1',
  path: 'work/mean.ipynb',
  displayName: 'Python 3 (sandbox, no network)',
  network: false
};

async function show(kernel: ISandboxKernel | null) {
  const sandboxes = new FakeSandboxes();
  sandboxes.list = [sandbox()];
  const onOpen = jest.fn();
  const item = new SandboxStatus({
    kernel: () => kernel,
    sandboxes,
    trans,
    onOpen
  });
  await attach(item);
  return { item, sandboxes, onOpen };
}

describe('SandboxStatus', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('says that the notebook runs in a sandbox', async () => {
    const { item } = await show(KERNEL);
    expect(item.node.textContent).toBe('Sandbox · 312 MB · no network');
  });

  it('is empty for other kernels', async () => {
    expect((await show(null)).item.node.textContent).toBe('');
  });

  it('opens the section with mouse and keyboard', async () => {
    const { item, onOpen } = await show(KERNEL);
    const button = item.node.querySelector<HTMLElement>('[role=button]');
    act(() => button?.click());
    for (const key of ['Enter', ' ', 'x']) {
      act(() => {
        button?.dispatchEvent(
          new KeyboardEvent('keydown', { key, bubbles: true })
        );
      });
    }
    expect(onOpen).toHaveBeenCalledTimes(3);
  });

  it.each([
    [KERNEL, null, 'Sandbox · no network'],
    [{ ...KERNEL, network: true }, null, 'Sandbox'],
    [
      KERNEL,
      sandbox({ usage: { ...USAGE, memory_bytes: null } }),
      'Sandbox · no network'
    ]
  ])('promises only what is known', (kernel, state, text) => {
    expect(statusText(kernel, state, trans)).toBe(text);
  });

  it('tells isolation, image, limits and data where the mouse rests', () => {
    expect(statusTitle(KERNEL, null, trans)).toBe(KERNEL.displayName);
    const title = statusTitle(KERNEL, sandbox({ data: ['/study'] }), trans);
    expect(title.split('\n')).toEqual([
      'Python 3 (sandbox, no network)',
      'Isolation: Docker container, runc, shared kernel, no network',
      'Image: gptoss-lab/python:1',
      'Memory: 312 MB of 2 GB',
      'Limits: 2 GB memory, 1 CPU, 256 processes, 512 MB disk',
      'Ends when unused for 30 min',
      '/data: /study, read-only'
    ]);
  });
});
