import { act } from 'react';

import { notebook } from '../fakes/notebook';
import { showPanel as show } from '../fakes/panel';
import { mark } from '../fakes/tracker';

describe('the tabs of the panel', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('counts what waits on the tab, and lists it there', async () => {
    const { panel, tracker } = await show();
    const model = notebook('a = 1', 'b = 2');
    mark(model, 0);
    mark(model, 1);
    await act(async () => {
      tracker.add('sales.ipynb', model);
      await Promise.resolve();
    });
    const tab = panel.node.querySelector<HTMLElement>('#jp-Gptoss-tab-review');
    expect(tab?.textContent).toBe('Review22 pending cells');
    act(() => tab?.click());
    expect(panel.node.querySelectorAll('[data-row]')).toHaveLength(2);
    expect(panel.node.querySelector('textarea')).toBeNull();
  });

  it('follows the history only while its tab is in view', async () => {
    const { panel, told } = await show();
    act(() => panel.showTab('history', false));
    act(() => panel.hide());
    act(() => panel.show());
    act(() => panel.showTab('generate', false));
    expect(told.onHistory.mock.calls).toEqual([
      [true],
      [false],
      [true],
      [false]
    ]);
  });

  it('asks for figures only while their tab is in view, and loads it then', async () => {
    const { panel, told } = await show();
    await act(async () => {
      panel.showTab('monitor', false);
      await new Promise(resolve => setTimeout(resolve, 50));
    });
    expect(panel.node.textContent).toContain('Loading the figures…');
    act(() => panel.hide());
    act(() => panel.show());
    act(() => panel.showTab('generate', false));
    expect(told.onMonitor.mock.calls).toEqual([
      [true],
      [false],
      [true],
      [false]
    ]);
  });

  it('leads from the figures to the form, and takes the keyboard along', async () => {
    const { panel, button } = await show();
    Element.prototype.scrollIntoView = jest.fn();
    const watching = panel['_options'].monitor.watch();
    await act(async () => {
      panel.showTab('monitor', false);
      await new Promise(resolve => setTimeout(resolve, 50));
    });
    await act(async () => {
      button('Generate cells').click();
      await new Promise(resolve => setTimeout(resolve, 50));
    });
    watching.dispose();
    expect(document.activeElement?.id).toBe('jp-Gptoss-tab-generate');
  });

  it('puts a task of the past into the form', async () => {
    const { panel } = await show();
    Element.prototype.scrollIntoView = jest.fn();
    await act(async () => {
      panel.showTab('history', false);
      panel.fill('mean', 'r');
      await new Promise(resolve => setTimeout(resolve, 50));
    });
    const field = panel.node.querySelector('textarea');
    expect(field?.value).toBe('mean');
    expect(panel.node.querySelector('select')?.value).toBe('r');
    expect(document.activeElement).toBe(field);
  });

  it('shows the keys that are set, on demand', async () => {
    const { panel } = await show();
    Element.prototype.scrollIntoView = jest.fn();
    expect(panel.node.textContent).not.toContain('Accept Cell');
    await act(async () => {
      panel.showKeyboard();
      await new Promise(resolve => setTimeout(resolve, 50));
    });
    expect(panel.node.querySelector('kbd')?.textContent).toBe('Alt+Y');
    expect(document.activeElement?.textContent).toBe('Keyboard');
  });

  it('says quietly which settings go beyond what is allowed', async () => {
    const { panel } = await show(
      {},
      {
        capped: () => [
          { setting: 'cellTimeout', chosen: 600, allowed: 60 },
          { setting: 'memory', chosen: 4096, allowed: 2048 }
        ]
      }
    );
    const foot = panel.node.querySelector('.jp-Gptoss-state')?.textContent;
    expect(foot).toContain('at most 60 s');
    expect(foot).toContain('the 4096 MB of your settings');
  });
});
