import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../../commands';
import { paperWiring } from '../../wiring/paper';
import { addPaperCommands } from '../../wiring/paper_commands';
import { addOpenPlace } from '../../wiring/paper_opener';
import { FakePaperApi, paper, told } from '../fakes/paper';
import { DONE, script } from '../fakes/script';
import { FakeTracker } from '../fakes/tracker';
import { notebook } from '../fakes/notebook';

const trans = nullTranslator.load('gptoss_lab');

function setUp() {
  const api = new FakePaperApi();
  const commands = new CommandRegistry();
  const saved: string[] = [];
  const tracker = new FakeTracker();
  const failure: { save?: Error } = {};
  const contents = {
    localPath: (path: string) => path.replace(/^drive:/, ''),
    get: async () => {
      throw Object.assign(new Error('no'), { response: { status: 404 } });
    },
    save: async (path: string) => {
      if (failure.save) {
        throw failure.save;
      }
      saved.push(path);
    }
  };
  const activateById = jest.fn();
  const app = {
    commands,
    shell: { activateById },
    serviceManager: { contents, serverSettings: undefined }
  } as unknown as JupyterFrontEnd;
  const generate = jest.fn();
  const redraw = jest.fn();
  const parts = paperWiring({
    app,
    tracker: tracker as unknown as INotebookTracker,
    browser: null,
    state: null,
    trans,
    api,
    generate,
    redraw
  });
  const showPaper = jest.fn();
  const selected: { path: string; type: string }[] = [];
  addPaperCommands({
    app,
    browser: { selectedItems: () => selected.values() } as never,
    desk: parts.desk,
    panel: { id: 'p', showPaper },
    trans
  });
  addOpenPlace(app, trans);
  return {
    api,
    commands,
    saved,
    tracker,
    failure,
    generate,
    redraw,
    parts,
    showPaper,
    selected,
    activateById
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise(resolve => setTimeout(resolve, 0));
  }
}

describe('a paper that is dropped', () => {
  it('goes beside the notebook, and is read', async () => {
    const { parts, saved, api, tracker } = setUp();
    tracker.add('work/a.ipynb', notebook('x = 1')).front();
    parts.onFiles([new File(['x'], 'notes.txt'), new File(['x'], 'a.pdf')]);
    await settle();
    expect(saved).toEqual(['work/a.pdf']);
    expect(api.requests[0]?.paper).toEqual({
      uri: 'work/a.pdf',
      read_only: true
    });
    expect(parts.desk.on).toBe(true);
    expect(parts.options.paper.paperNote().text).toBe('');
  });

  it('is refused with a reason', async () => {
    const { parts, failure, api } = setUp();
    parts.onFiles([new File(['x'], 'notes.txt')]);
    await settle();
    expect(parts.options.paper.paperNote()).toMatchObject({ wrong: true });
    expect(parts.options.paper.paperNote().text).toContain('notes.txt');
    failure.save = new Error('no space');
    parts.onFiles([new File(['x'], 'a.pdf')]);
    await settle();
    expect(parts.options.paper.paperNote().text).toContain('no space');
    expect(api.requests).toEqual([]);
  });

  it('is used where it lies, out of the file browser', async () => {
    const { parts, saved, api } = setUp();
    parts.onPaths(['drive:docs/a.pdf']);
    await settle();
    expect(saved).toEqual([]);
    expect(api.requests[0]?.paper?.uri).toBe('docs/a.pdf');
    parts.onPaths(['data/a.csv']);
    expect(parts.options.paper.paperNote()).toMatchObject({ wrong: true });
  });
});

describe('cells of a paper', () => {
  it('are asked for with its name as the task, and with the person’s', async () => {
    const { parts, api, generate } = setUp();
    parts.options.onMakeNotebook('', 'r');
    expect(generate).not.toHaveBeenCalled();
    await parts.desk.read('a.pdf');
    await api.tell(...script(told(), DONE));
    parts.options.onMakeNotebook('', 'r');
    parts.options.onMakeNotebook(' Figure 2 ', 'python');
    const ask = { uri: 'a.pdf', scope: ['c1'], answers: [] };
    expect(generate.mock.calls).toEqual([
      [{ task: `Implement “${paper().title}”.`, language: 'r', paper: ask }],
      [{ task: 'Figure 2', language: 'python', paper: ask }]
    ]);
  });
});

describe('the commands of papers', () => {
  it('show the form', async () => {
    const { commands, showPaper, activateById } = setUp();
    await commands.execute(CommandIDs.showPaper);
    expect(showPaper).toHaveBeenCalledTimes(1);
    expect(activateById).toHaveBeenCalledWith('p');
  });

  it.each([
    [[], false],
    [[{ path: 'a.pdf', type: 'file' }], true],
    [[{ path: 'a.csv', type: 'file' }], false],
    [[{ path: 'a.tex', type: 'directory' }], false],
    [
      [
        { path: 'a.pdf', type: 'file' },
        { path: 'b.pdf', type: 'file' }
      ],
      false
    ]
  ])('are offered on one paper: %j', (items, visible) => {
    const { commands, selected } = setUp();
    selected.push(...items);
    expect(commands.isVisible(CommandIDs.readPaper)).toBe(visible);
  });

  it('have the file read that is selected, or named', async () => {
    const { commands, selected, api } = setUp();
    selected.push({ path: 'drive:a.pdf', type: 'file' });
    await commands.execute(CommandIDs.readPaper);
    await commands.execute(CommandIDs.readPaper, { path: 'arXiv:1406.5823' });
    expect(api.requests.map(({ paper: one }) => one?.uri)).toEqual([
      'a.pdf',
      'arXiv:1406.5823'
    ]);
  });
});

describe('a place of a paper', () => {
  it('is gone to in the document that is opened', async () => {
    const { commands } = setUp();
    const setFragment = jest.fn();
    const isReady = true;
    const opened: unknown[] = [];
    commands.addCommand('docmanager:open', {
      describedBy: { args: {} },
      execute: args => {
        opened.push(args.path);
        return { setFragment, context: { isReady }, content: {} };
      }
    });
    await commands.execute(CommandIDs.openPlace, {
      path: 'a.pdf',
      fragment: '#page=3'
    });
    expect(opened).toEqual(['a.pdf']);
    expect(setFragment).toHaveBeenCalledWith('#page=3');
    await commands.execute(CommandIDs.openPlace, { path: 'a.tex' });
    expect(setFragment).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a.pdf', '#page=3', ['#page=3']],
    ['a.pdf', '', []],
    ['a.md', '#Methods', []]
  ])('is gone to from a link in a text: %s%s', async (path, id, places) => {
    const { commands } = setUp();
    const gone: string[] = [];
    commands.addCommand('docmanager:open', {
      describedBy: { args: {} },
      execute: () => ({
        setFragment: (place: string) => gone.push(place),
        context: { isReady: false },
        content: {}
      })
    });
    commands.addCommand('rendermime:handle-local-link', {
      describedBy: { args: {} },
      execute: () => undefined
    });
    await commands.execute('rendermime:handle-local-link', { path, id });
    await settle();
    expect(gone).toEqual(places);
  });

  it('that is gone says so', async () => {
    const { commands } = setUp();
    const error = jest.spyOn(Notification, 'error').mockReturnValue('');
    commands.addCommand('docmanager:open', {
      describedBy: { args: {} },
      execute: () => Promise.reject(new Error('No such file.'))
    });
    await commands.execute(CommandIDs.openPlace, { path: 'a.pdf' });
    expect(error.mock.calls[0]?.[0]).toBe(
      'a.pdf cannot be opened: No such file. It may have been moved or renamed.'
    );
    error.mockRestore();
  });

  it('at an address is opened beside, and nothing but an address', async () => {
    const { commands } = setUp();
    const open = jest.spyOn(window, 'open').mockReturnValue(null);
    await commands.execute(CommandIDs.openPlace, { url: 'https://x.org/a#b' });
    await commands.execute(CommandIDs.openPlace, {
      url: 'javascript:alert(1)'
    });
    expect(open.mock.calls).toEqual([
      ['https://x.org/a#b', '_blank', 'noopener,noreferrer']
    ]);
    open.mockRestore();
  });
});
