import type { NotebookPanel } from '@jupyterlab/notebook';
import { dismissDialog, waitForDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { RequestError } from '../../request';
import { ReportFrame } from '../../widgets/report';
import { Reports } from '../../wiring/report';
import type { IReportOptions } from '../../wiring/report';

const trans = nullTranslator.load('gptoss_lab');

/**
 * A notebook that is open, and the rest of a page as far as a report needs it.
 */
function page(light = true) {
  const model = { dirty: true, readOnly: false };
  const panel = new Widget();
  panel.id = 'panel';
  const save = jest.fn(async () => {
    model.dirty = false;
  });
  const context = {
    localPath: 'a/b.ipynb',
    path: 'RTC:a/b.ipynb',
    model,
    save
  };
  Object.assign(panel, { context });
  const themeChanged = new Signal<object, object>({});
  const files = new Map<string, unknown>();
  const execute = jest.fn(async () => undefined);
  const report = jest.fn(async (_: string, format: string, theme = 'auto') =>
    Promise.resolve(`${format} ${theme}`)
  );
  const contents = {
    get: async (path: string) => {
      if (!files.has(path)) {
        throw new Error('404');
      }
    },
    save: async (path: string, file: unknown) => files.set(path, file)
  };
  const shown: Widget[] = [];
  const shell = {
    add: (widget: Widget) => {
      Widget.attach(widget, document.body);
      shown.push(widget);
    },
    activateById: jest.fn()
  };
  const themes = { themeChanged, theme: 'x', isLight: () => light };
  const app = { shell, commands: { execute }, serviceManager: { contents } };
  const reports = new Reports({
    app,
    api: { report },
    themes,
    trans
  } as unknown as IReportOptions);
  const open = (): Promise<void> =>
    reports.open(panel as unknown as NotebookPanel);
  const keep = (format: 'md' | 'html'): Promise<void> =>
    reports.save(panel as unknown as NotebookPanel, format);
  return {
    ...{ panel, model, save, report, shown, shell, files, execute, open },
    ...{ themeChanged, keep }
  };
}

function frame(): HTMLIFrameElement {
  return document.querySelector('.jp-Gptoss-report iframe')!;
}

describe('report', () => {
  afterEach(() => {
    document.body.textContent = '';
  });

  it('is shown of the saved notebook, in the colours of the page', async () => {
    const { open, save, report, shown, shell } = page(false);
    await open();
    expect(save).toHaveBeenCalledTimes(1);
    expect(report).toHaveBeenCalledWith('a/b.ipynb', 'html', 'dark');
    expect(frame().srcdoc).toBe('html dark');
    expect(shown.map(({ title }) => title.label)).toEqual(['Report: b.ipynb']);
    expect(shell.activateById).toHaveBeenCalledWith(shown[0]?.id);
  });

  it('can run nothing and knows no origin', () => {
    const content = new ReportFrame('Report');
    const shown = content.node.querySelector('iframe')!;
    expect(shown.title).toBe('Report');
    const rights = shown.getAttribute('sandbox')?.split(' ');
    expect(rights).toEqual(['allow-popups', 'allow-popups-to-escape-sandbox']);
    content.dispose();
  });

  it('has one tab a notebook, which goes with it', async () => {
    const { open, shown, panel, save } = page();
    await open();
    await open();
    expect(shown).toHaveLength(1);
    expect(save).toHaveBeenCalledTimes(1);
    panel.dispose();
    expect(shown[0]?.isDisposed).toBe(true);
  });

  it('follows the theme without saving the notebook again', async () => {
    const { open, themeChanged, report, save } = page();
    await open();
    themeChanged.emit({});
    await Promise.resolve();
    expect(report).toHaveBeenCalledTimes(2);
    expect(save).toHaveBeenCalledTimes(1);
  });

  it('does not save a notebook that may not be saved', async () => {
    const { open, model, save } = page();
    model.readOnly = true;
    await open();
    expect(save).not.toHaveBeenCalled();
    expect(frame().srcdoc).toBe('html light');
  });

  it('opens no tab where the server has no report', async () => {
    const { open, report, shown } = page();
    report.mockRejectedValueOnce(
      new RequestError({
        type: 'about:blank',
        title: '',
        status: 404,
        detail: 'There is no notebook',
        code: 'not_found',
        hint: ''
      })
    );
    await open();
    expect(shown).toEqual([]);
    await open();
    expect(shown).toHaveLength(1);
  });

  it('is saved beside its notebook on request, and replaces nothing unasked', async () => {
    const { keep, files, execute } = page();
    await keep('md');
    const path = 'RTC:a/b.report.md';
    expect(files.get(path)).toMatchObject({ content: 'md auto' });
    expect(execute).toHaveBeenCalledWith('docmanager:open', {
      path,
      factory: 'Markdown Preview'
    });
    files.set(path, 'mine');
    const kept = keep('md');
    await waitForDialog();
    expect(document.querySelector('.jp-Dialog')?.textContent).toContain(
      'A file of this name'
    );
    await dismissDialog();
    await kept;
    expect(files.get(path)).toBe('mine');
    await keep('html');
    expect(files.get('RTC:a/b.report.html')).toMatchObject({
      content: 'html auto'
    });
  });
});
