import {
  RenderMimeRegistry,
  standardRendererFactories
} from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';

import { SandboxPreview } from '../../model/edit_preview';
import { PreviewRow } from '../../widgets/edit_preview';
import { previewText } from '../../widgets/edit_preview_labels';
import type { CellVerification } from '../../wire/schema';
import { cellAt, mark } from '../fakes/edit';
import { FakeExecution, START, cellEnd, end, raised } from '../fakes/execution';
import { notebook } from '../fakes/notebook';
import { attach, button } from '../fakes/page';
import { RUN } from '../fakes/script';

const trans = nullTranslator.load('gptoss_lab');

async function row() {
  const api = new FakeExecution();
  const preview = new SandboxPreview({
    api,
    run: () => ({ sources: ['a', 'b'], above: 1 }),
    language: 'python',
    data: () => [],
    refusal: async () => null
  });
  const removed = jest.fn();
  const model = notebook('a', 'b');
  mark(model, 1);
  const cell = cellAt(model, 1);
  const widget = new PreviewRow({
    cell,
    preview,
    rendermime: new RenderMimeRegistry({
      initialFactories: standardRendererFactories
    }),
    trans,
    onRemove: removed
  });
  await attach(widget);
  const tell: FakeExecution['tell'] = (...events) =>
    act(async () => {
      await api.tell(...events);
      await new Promise(resolve => setTimeout(resolve, 30));
    });
  return { api, preview, widget, removed, tell, cell, model };
}

describe('PreviewRow', () => {
  it('shows the outputs of the cell, its time and memory, and trusts nothing', async () => {
    const { preview, widget, removed, tell } = await row();
    void preview.start();
    await tell(START, { type: 'cell_start', cell: 1 });
    expect(widget.node.textContent).toContain('Running this cell…');
    await tell(
      { type: 'stdout', cell: 1, text: 'first ' },
      { type: 'stdout', cell: 1, text: 'second' },
      {
        type: 'display',
        cell: 1,
        data: {
          'text/html':
            '<b id="table">42</b><script>window.pwned = 1</script><img src="x" onerror="window.pwned = 1">'
        },
        metadata: {},
        display: ''
      },
      cellEnd(1),
      end()
    );
    const { node } = widget;
    expect(node.getAttribute('aria-label')).toBe('Sandbox preview');
    expect(node.textContent).toContain('first second');
    expect(node.textContent).toContain('42');
    expect(node.innerHTML).not.toMatch(/<script|onerror/);
    expect(node.textContent).toContain(
      'Ran in sandbox (bubblewrap) · 0.4 s · 120 MB'
    );
    button(node, 'Remove the preview').click();
    expect(removed).toHaveBeenCalled();
    widget.dispose();
    expect(preview.isDisposed).toBe(true);
  });

  it('runs again with a clean slate, and stops', async () => {
    const { api, preview, widget, tell } = await row();
    void preview.start();
    await tell(START, { type: 'stdout', cell: 1, text: 'old' }, end());
    act(() => button(widget.node, 'Run again').click());
    await tell(START);
    expect(widget.node.textContent).not.toContain('old');
    act(() => button(widget.node, 'Stop').click());
    await tell();
    expect(api.cancelled).toEqual(['x2']);
  });

  it('says that the cell has changed since, and goes when it is decided', async () => {
    const { preview, widget, removed, tell, cell, model } = await row();
    void preview.start();
    await tell(START, end());
    expect(widget.node.textContent).toContain('Not kept in the notebook');
    cell.sharedModel.setSource('c');
    await tell();
    expect(widget.node.textContent).toContain('Of an earlier text');
    expect(removed).not.toHaveBeenCalled();
    mark(model, 1, { review: 'accepted' });
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('says which cell above failed', async () => {
    const { preview, widget, tell } = await row();
    void preview.start();
    await tell(START, raised(0), cellEnd(0, { status: 'error' }), end());
    expect(widget.node.textContent).toContain(
      "Not reached: cell 1 of the 1 above failed (NameError: name 'df' is not defined)"
    );
  });
});

describe('previewText', () => {
  it.each<[CellVerification['status'], string, string]>([
    ['timeout', 'error', 'Took too long'],
    ['oom', 'error', 'Out of memory'],
    ['output_limit', 'error', 'Too much output'],
    ['canceled', 'warning', 'Stopped'],
    ['skipped', 'warning', 'Did not run'],
    ['sandbox_lost', 'error', 'The sandbox ended'],
    ['error', 'error', 'Failed']
  ])('says of %s what it was', (status, tone, words) => {
    const text = previewText(
      {
        phase: 'ended',
        above: 0,
        at: 0,
        outcome: { ...RUN, status },
        failedAbove: null
      },
      trans
    );
    expect(text.tone).toBe(tone);
    expect(text.text).toContain(words);
  });
});
