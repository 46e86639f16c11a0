import { StateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';

import { GenerationManager } from '../../model/generation';
import { JobMemory } from '../../model/memory';
import { CellWriter } from '../../model/writer';
import { RequestError } from '../../request';
import type { IAsk, IGenerationApi, ITargets } from '../../tokens';
import type { Event } from '../../wire/schema';
import { notebook, reviews, texts } from '../fakes/notebook';
import {
  DONE,
  GENERATOR,
  close,
  delta,
  open,
  script,
  touch
} from '../fakes/script';
import { stream } from '../fakes/writer';

const ASK: IAsk = {
  task: 'mean',
  sources: [],
  language: 'python',
  effort: null,
  verify: true,
  data: []
};

function refused(status: number, code = 'x') {
  const fields = { type: '', title: 'No', detail: 'No.', hint: '' };
  return new RequestError({ ...fields, status, code });
}

/**
 * A page with one notebook and a server whose events the test sends.
 */
function house(...sources: string[]) {
  const model = notebook(...sources);
  const asked: string[] = [];
  const cancelled: string[] = [];
  let send: (event: Event | Error | null) => void = () => undefined;
  const waiting: (Event | Error | null)[] = [];
  const api = {
    refuse: null as Error | null,
    generate: async () => {
      if (api.refuse) {
        throw api.refuse;
      }
      asked.push('generate');
      return { job: 'j1', events: '', state: 'queued' as const };
    },
    cancel: async (id: string) => void cancelled.push(id),
    async *events() {
      for (;;) {
        const next =
          waiting.shift() ??
          (await new Promise<Event | Error | null>(resolve => {
            send = resolve;
          }));
        if (next === null) {
          return;
        }
        if (next instanceof Error) {
          throw next;
        }
        yield next;
      }
    }
  };
  const target = {
    path: 'a.ipynb',
    model,
    after: model.sharedModel.cells[0]?.getId() ?? null,
    context: [],
    readOnly: false
  };
  const targets = {
    opened: new Signal<object, string>({}),
    renamed: new Signal<object, { from: string; to: string }>({}),
    current: async () => target,
    below: () => null,
    find: () => target
  };
  const state = new StateDB();
  const manager = new GenerationManager({
    api: api as unknown as IGenerationApi,
    targets: targets as unknown as ITargets,
    memory: new JobMemory(state),
    schedule: run => run()
  });
  const settle = () => new Promise(resolve => setTimeout(resolve));
  const tell = async (...events: (Event | Error)[]) => {
    for (const event of events) {
      send(event);
      await settle();
    }
  };
  return {
    ...{ api, asked, cancelled, manager, model, state, target, targets },
    ...{ settle, tell }
  };
}

const CELL = script(
  GENERATOR,
  open('a', 0),
  delta('a', 'x = '),
  close('a', 'x = 1'),
  DONE
);

describe('A generation in trouble', () => {
  it('says that a notebook is read-only before it asks the model', async () => {
    const { asked, manager, target } = house('first');
    target.readOnly = true;
    await manager.generate(ASK);
    expect(asked).toEqual([]);
    expect(manager.problem?.detail).toBe('The notebook a.ipynb is read-only.');
    expect(manager.phase).toBe('error');
    target.readOnly = false;
    await manager.generate(ASK);
    expect(asked).toEqual(['generate']);
    expect(manager.phase).toBe('streaming');
  });

  it('follows a notebook that is renamed while cells are written', async () => {
    const { manager, model, state, targets, tell } = house('first');
    await manager.generate(ASK);
    await tell(...CELL.slice(0, 3));
    targets.renamed.emit({ from: 'other.ipynb', to: 'x.ipynb' });
    targets.renamed.emit({ from: 'a.ipynb', to: 'b.ipynb' });
    expect(manager.path).toBe('b.ipynb');
    expect((await new JobMemory(state).load())?.path).toBe('b.ipynb');
    await tell(...CELL.slice(3));
    expect(texts(model)).toEqual(['first', 'x = 1']);
  });

  it('says of what language a cell is when the kernel was changed', async () => {
    const { manager, model, tell } = house('first');
    await manager.generate(ASK);
    await tell(...CELL.slice(0, 4));
    model.sharedModel.setMetadata('language_info', { name: 'R' });
    await tell(
      ...script(open('b', 1), close('b', 'y = 2')),
      ...CELL.slice(4, 5)
    );
    const languages = model.sharedModel.cells.map(cell => {
      const note = cell.getMetadata('gptoss_lab') as
        { language?: string } | undefined;
      return note?.language;
    });
    expect(texts(model)).toEqual(['first', 'x = 1', 'y = 2']);
    expect(languages).toEqual([undefined, '', 'python']);
  });

  it('keeps what was written when the server has lost the job', async () => {
    const { manager, model, tell } = house('first');
    await manager.generate(ASK);
    await tell(...CELL.slice(0, 3), refused(404));
    expect(manager.phase).toBe('error');
    expect(manager.problem).toMatchObject({ code: 'forgotten' });
    expect(manager.problem?.hint).toContain('stay in the notebook');
    expect(texts(model)).toEqual(['first', 'x = ']);
    expect(reviews(model)).toEqual(['', 'pending']);
  });

  it('remembers a job that it could not reach any more', async () => {
    const { manager, settle, state, tell } = house('first');
    await manager.generate(ASK);
    await tell(...CELL.slice(0, 3), refused(0, 'unreachable'));
    await settle();
    expect(manager.phase).toBe('error');
    expect(await new JobMemory(state).load()).toMatchObject({ job: 'j1' });
  });

  it('says that the browser is offline, when it is', async () => {
    const online = jest.spyOn(navigator, 'onLine', 'get');
    const { api, manager } = house('first');
    api.refuse = refused(0, 'unreachable');
    online.mockReturnValue(false);
    await manager.generate(ASK);
    expect(manager.problem?.code).toBe('offline');
    online.mockReturnValue(true);
    await manager.generate(ASK);
    expect(manager.problem?.code).toBe('unreachable');
    online.mockRestore();
  });

  it('says why a change is in a cell of its own', async () => {
    const { manager, model, tell } = house('x = 1', 'last');
    const id = model.sharedModel.cells[0]?.getId() ?? '';
    await manager.generate({
      ...ASK,
      edit: {
        kind: 'edit',
        cells: [{ id, kind: 'code', language: 'python', source: 'x = 1' }]
      }
    });
    model.sharedModel.cells[0]?.setSource('x = 7');
    await tell(
      ...script(
        GENERATOR,
        touch('a', 0, 'changed', id),
        close('a', 'x = 2'),
        DONE
      )
    );
    expect(texts(model)).toEqual(['x = 7', 'x = 2', 'last']);
    expect(manager.job?.warnings).toEqual([
      {
        message: 'A cell was to be changed, but you have edited it meanwhile.',
        hint: 'The new text is in a cell of its own: “x = 2”.'
      }
    ]);
  });

  it('stops when it is undone, and starts anew after that', async () => {
    const { asked, cancelled, manager, model, tell } = house('first');
    await manager.generate(ASK);
    await tell(...CELL.slice(0, 3));
    model.sharedModel.undo();
    expect(cancelled).toEqual(['j1']);
    await tell(...CELL.slice(3));
    expect(texts(model)).toEqual(['first']);
    await manager.generate(ASK);
    expect(asked).toHaveLength(2);
  });

  it('tells of growing text at a measured pace, of the rest at once', async () => {
    const { manager, model, tell } = house('first');
    await manager.generate(ASK);
    const told = jest.fn();
    await tell(...CELL.slice(0, 2));
    manager.changed.connect(told);
    const deltas = Array.from({ length: 40 }, () => delta('a', 'x'));
    await tell(...script(...deltas));
    expect(texts(model)[1]).toHaveLength(40);
    expect(told.mock.calls.length).toBeLessThan(10);
    const before = told.mock.calls.length;
    await tell(...CELL.slice(3, 4));
    expect(told.mock.calls.length).toBe(before + 1);
  });
});

describe('Large notebooks', () => {
  it('streams into the middle of 500 cells', async () => {
    const sources = Array.from({ length: 500 }, (_, index) => `x = ${index}`);
    const { manager, model, target, tell } = house(...sources);
    target.after = model.sharedModel.cells[249]?.getId() ?? null;
    await manager.generate(ASK);
    await tell(...CELL);
    expect(texts(model)).toHaveLength(501);
    expect(texts(model)[250]).toBe('x = 1');
    model.sharedModel.undo();
    expect(texts(model)).toEqual(sources);
  });

  it('streams a cell of 5,000 lines, each line in a moment', () => {
    const model = notebook('first');
    const writer = new CellWriter({ model, after: null });
    const line = 'value = value + 1  # again\n';
    const lines = Array.from({ length: 5000 }, () => delta('a', line));
    const begin = performance.now();
    stream(writer, script(GENERATOR, open('a', 0), ...lines));
    expect((performance.now() - begin) / 5000).toBeLessThan(16);
    expect(texts(model)[0]).toBe(line.repeat(5000));
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['first']);
  }, 60_000);
});
