import { StateDB } from '@jupyterlab/statedb';

import { FeedbackQueue } from '../../model/feedback';
import { feedbackOf } from '../../model/feedback_item';
import { FeedbackWatch } from '../../model/feedback_watch';
import { KEY, asMetadata, readProvenance } from '../../model/provenance';
import {
  acceptCells,
  decisionLog,
  pendingCells,
  rejectCells,
  setPending
} from '../../model/review';
import { RequestError } from '../../request';
import type { CellProvenance, FeedbackItem } from '../../wire/schema';
import { notebook } from '../fakes/notebook';

const ITEM: FeedbackItem = {
  at: '2026-01-02T03:04:05.000Z',
  job: 'j1',
  cell: 'c1',
  generator: 'model',
  verdict: 'accepted'
};

function item(cell: string, more: Partial<FeedbackItem> = {}): FeedbackItem {
  return { ...ITEM, cell, ...more };
}

function problem(status: number): RequestError {
  return new RequestError({
    type: 'about:blank',
    title: '',
    status,
    detail: '',
    code: '',
    hint: ''
  });
}

/**
 * A server that takes feedback, or refuses it with the next of the statuses.
 */
class FakeServer {
  readonly batches: FeedbackItem[][] = [];
  readonly statuses: number[] = [];

  async feedback(items: FeedbackItem[]): Promise<void> {
    this.batches.push(items);
    const status = this.statuses.shift();
    if (status !== undefined) {
      throw problem(status);
    }
  }
}

describe('feedback queue', () => {
  let server: FakeServer;
  let state: StateDB;
  let queue: FeedbackQueue;

  beforeEach(async () => {
    jest.useFakeTimers();
    server = new FakeServer();
    state = new StateDB();
    queue = new FeedbackQueue({ api: server, state });
    await queue.restore();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  async function wait(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
  }

  it('tells a little later, all at once, and the last word on a cell', async () => {
    queue.add([item('c1'), item('c2')]);
    queue.add([item('c1', { verdict: 'withdrawn' })]);
    expect(server.batches).toEqual([]);
    await wait(2000);
    expect(server.batches).toEqual([
      [item('c2'), item('c1', { verdict: 'withdrawn' })]
    ]);
    expect(queue.waiting).toBe(0);
    await wait(600_000);
    expect(server.batches).toHaveLength(1);
  });

  it('tries again, more and more seldom, until the server is back', async () => {
    server.statuses.push(0, 503, 507);
    queue.add([item('c1')]);
    await wait(2000);
    expect(server.batches).toHaveLength(1);
    await wait(3999);
    expect(server.batches).toHaveLength(1);
    await wait(1);
    expect(server.batches).toHaveLength(2);
    await queue.send();
    expect(server.batches).toHaveLength(3);
    expect(queue.waiting).toBe(1);
    await queue.send();
    expect(queue.waiting).toBe(0);
    expect(server.batches).toHaveLength(4);
  });

  it('survives a reload of the page', async () => {
    server.statuses.push(0);
    queue.add([item('c1'), item('c2')]);
    await wait(2000);
    const later = new FeedbackQueue({ api: server, state });
    later.add([item('c2', { verdict: 'edited' })]);
    await later.restore();
    await wait(2000);
    expect(server.batches[1]).toEqual([
      item('c1'),
      item('c2', { verdict: 'edited' })
    ]);
    expect(await state.fetch('gptoss-lab:feedback')).toBeUndefined();
  });

  it('restores nothing from nonsense', async () => {
    await state.save('gptoss-lab:feedback', { items: [3, null, { job: 1 }] });
    await queue.restore();
    expect(queue.waiting).toBe(0);
    await state.save('gptoss-lab:feedback', 'nonsense');
    await queue.restore();
    expect(queue.waiting).toBe(0);
  });

  it.each([403, 404])(
    'stops where the server answers %d: it keeps none',
    async status => {
      server.statuses.push(status);
      queue.add([item('c1')]);
      await wait(2000);
      queue.add([item('c2')]);
      await wait(600_000);
      expect(server.batches).toHaveLength(1);
      expect(queue.waiting).toBe(0);
    }
  );

  it('drops what the server will never take, and goes on', async () => {
    server.statuses.push(422);
    queue.add([item('c1')]);
    await wait(2000);
    queue.add([item('c2')]);
    await wait(2000);
    expect(server.batches).toEqual([[item('c1')], [item('c2')]]);
    expect(queue.waiting).toBe(0);
  });

  it('sends no more than the server takes at once, nor keeps all', async () => {
    queue.add(Array.from({ length: 2100 }, (_, i) => item(`c${i}`)));
    expect(queue.waiting).toBe(2000);
    await wait(10_000);
    expect(server.batches.map(batch => batch.length)).toEqual([
      500, 500, 500, 500
    ]);
    expect(server.batches[0]?.[0]?.cell).toBe('c100');
  });

  it('keeps what was decided while it sent', async () => {
    let release = (): void => undefined;
    const slow = {
      feedback: jest.fn(() => new Promise<void>(resolve => (release = resolve)))
    };
    queue = new FeedbackQueue({ api: slow, state: null });
    queue.add([item('c1')]);
    await wait(2000);
    queue.add([item('c1', { verdict: 'withdrawn' })]);
    release();
    await wait(2000);
    expect(slow.feedback).toHaveBeenLastCalledWith([
      item('c1', { verdict: 'withdrawn' })
    ]);
  });

  it('forgets what waits when the person wants none to be kept', async () => {
    queue.add([item('c1')]);
    queue.clear();
    await wait(600_000);
    expect(server.batches).toEqual([]);
    expect(await state.fetch('gptoss-lab:feedback')).toBeUndefined();
  });
});

describe('feedback', () => {
  function waiting(...cells: Partial<CellProvenance>[]) {
    const model = notebook(...cells.map(() => 'secret()'), 'mine');
    cells.forEach((more, index) => {
      const provenance = readProvenance({
        getMetadata: () => ({
          review: 'pending',
          job: 'j1',
          cell: `c${index}`,
          task: 'my salary',
          generated: 'secret()',
          model: 'gpt-oss-20b',
          ...more
        })
      })!;
      model.sharedModel.cells[index]!.setMetadata(KEY, asMetadata(provenance));
    });
    return model;
  }

  function watch(): FeedbackItem[] {
    const told: FeedbackItem[] = [];
    new FeedbackWatch(decisionLog, items => told.push(...items));
    return told;
  }

  function words(told: FeedbackItem[]): string[] {
    return told.map(({ cell, verdict }) => `${cell} ${verdict}`).sort();
  }

  it('tells of decisions, and of their undo and redo', () => {
    const told = watch();
    const model = waiting({}, {});
    model.sharedModel.cells[1]!.setSource('secret(1)');
    acceptCells(model, pendingCells(model), 'generation');
    expect(words(told)).toEqual(['c0 accepted', 'c1 edited']);
    expect(told[1]).toMatchObject({ edit_distance: 1, model: 'gpt-oss-20b' });
    model.sharedModel.undo();
    expect(words(told.slice(2))).toEqual(['c0 withdrawn', 'c1 withdrawn']);
    model.sharedModel.redo();
    expect(words(told.slice(4))).toEqual(['c0 accepted', 'c1 edited']);
    setPending(model, model.cells.get(0));
    expect(words(told.slice(6))).toEqual(['c0 withdrawn']);
  });

  it('tells of cells that have gone, came back, and went again', () => {
    const told = watch();
    const model = waiting({}, { change: 'deleted' });
    rejectCells(model, [model.cells.get(0)]);
    acceptCells(model, pendingCells(model));
    expect(words(told)).toEqual(['c0 rejected', 'c1 accepted']);
    model.sharedModel.undo();
    model.sharedModel.undo();
    expect(words(told.slice(2))).toEqual(['c0 withdrawn', 'c1 withdrawn']);
    model.sharedModel.redo();
    expect(words(told.slice(4))).toEqual(['c0 rejected']);
  });

  it('does not take the deletion of an accepted cell for an undo', () => {
    const told = watch();
    const model = waiting({});
    acceptCells(model, pendingCells(model));
    model.sharedModel.deleteCell(0);
    expect(words(told)).toEqual(['c0 accepted']);
  });

  it('holds no code, no words and no name', () => {
    const told = watch();
    const model = waiting({ model: 'words of a person' }, { job: 'my salary' });
    rejectCells(model, pendingCells(model));
    expect(told).toHaveLength(1);
    const text = JSON.stringify(told);
    expect(text).not.toMatch(/secret|salary|person/);
    expect(Object.keys(told[0]!).sort()).toEqual(
      [
        'at',
        'job',
        'cell',
        'generator',
        'model',
        'language',
        'change',
        'verdict',
        'generated_chars',
        'kept_chars',
        'edit_distance',
        'accepted_parts',
        'rejected_parts',
        'verification'
      ].sort()
    );
  });

  it('counts the parts that were decided on', () => {
    const at = '2026-01-02T03:04:05.000Z';
    const part = { at, by: '', scope: 'hunk', lines: 1 } as const;
    const model = waiting({
      decisions: [
        { ...part, verdict: 'accepted' },
        { ...part, verdict: 'accepted' },
        { ...part, verdict: 'rejected' }
      ]
    });
    const before = readProvenance(model.cells.get(0))!;
    const made = { verdict: 'accepted', scope: 'cell', text: 'x' } as const;
    expect(
      feedbackOf({ ...made, id: 'a', at, by: '', before, after: null })
    ).toMatchObject({ accepted_parts: 2, rejected_parts: 1 });
  });
});
