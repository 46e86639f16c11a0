import { EditSession } from '../../model/edit_session';
import type { EditKind } from '../../model/edit_verbs';
import { BusyError } from '../../model/generation';
import { ERROR, choices, mark, show } from '../fakes/edit';
import { FakeManager } from '../fakes/magic';
import { notebook } from '../fakes/notebook';
import { problem } from '../fakes/sandboxes';

function house(kind: EditKind = 'edit', indices = [0]) {
  const model = notebook("df['b']", 'y = 2', 'z = 3');
  show(model, 0, ERROR);
  mark(model, 2, { language: 'r' });
  const manager = new FakeManager();
  const ids = model.sharedModel.cells.map(cell => cell.getId());
  const chosen = choices();
  const session = new EditSession({
    kind,
    model,
    cells: indices.map(index => ids[index] ?? ''),
    manager,
    choices: chosen,
    path: () => 'work/a.ipynb'
  });
  const end = (
    outcome: 'done' | 'cancelled' | 'error',
    total: number
  ): void => {
    manager.job = manager.job && { ...manager.job, ended: true, outcome };
    manager.counts = { total, pending: total, accepted: 0, rejected: 0 };
    manager.phase = 'done';
    manager.changed.emit();
  };
  return { model, manager, ids, session, chosen, end };
}

describe('EditSession', () => {
  it('sends the cells and the words, of the documentation of the panel', async () => {
    const { session, manager, ids, model, chosen } = house('edit', [0, 1]);
    chosen.consent.set('work/a.ipynb', true);
    const sent = session.send(' use polars ');
    expect(session.phase).toBe('running');
    await sent;
    expect(manager.asked).toHaveLength(1);
    const { ask, place } = manager.asked[0] ?? {};
    expect(ask).toEqual({
      task: 'use polars',
      sources: [{ kind: 'package', uri: 'pandas' }],
      language: 'python',
      effort: null,
      verify: true,
      maxRepairs: 3,
      houseRules: '',
      sourceLines: true,
      variables: 'types',
      limits: {},
      data: ['work'],
      edit: {
        kind: 'edit',
        cells: [
          expect.objectContaining({ id: ids[0], source: "df['b']", error: '' }),
          expect.objectContaining({ id: ids[1], source: 'y = 2' })
        ]
      }
    });
    expect(place).toEqual({ model, cell: ids[1], from: ids[0] });
    expect(session.job?.id).toBe('j1');
    expect(session.busy).toBe('');
  });

  it('shows of the same cells what would be sent', async () => {
    const { session, manager, ids, model } = house('edit', [0, 1]);
    await expect(session.prompt('use polars')).rejects.toThrow('No prompt');
    await session.send('use polars');
    expect(manager.shown).toEqual(manager.asked);
    expect(manager.shown[0]?.place).toEqual({
      model,
      cell: ids[1],
      from: ids[0]
    });
  });

  it('sends the error with a fix, and asks for the other language in a port', async () => {
    const fix = house('fix');
    await fix.session.send('');
    expect(fix.manager.asked[0]?.ask.edit?.cells[0]?.error).toContain("'b'");
    expect(fix.manager.asked[0]?.ask.task).toBe('Fix the error.');
    const port = house('port');
    expect(port.session.language).toBe('r');
    const back = house('port', [2]);
    await back.session.send('');
    expect(back.manager.asked[0]?.ask.language).toBe('python');
    expect(back.manager.asked[0]?.ask.edit?.cells[0]?.language).toBe('r');
  });

  it.each([
    ['done' as const, 2, 'answered'],
    ['done' as const, 0, 'empty'],
    ['cancelled' as const, 1, 'answered'],
    ['cancelled' as const, 0, 'writing'],
    ['error' as const, 0, 'failed']
  ])('ends %s with %i cells as %s', async (outcome, total, phase) => {
    const { session, manager, end } = house();
    await session.send('x');
    manager.problem = outcome === 'error' ? problem() : null;
    end(outcome, total);
    expect(session.phase).toBe(phase);
    expect(session.problem).toEqual(outcome === 'error' ? problem() : null);
  });

  it('says why it was refused, and may be sent again', async () => {
    const { session, manager } = house();
    manager.failure = problem({ hint: 'Start a model.' });
    await session.send('x');
    expect(session.phase).toBe('failed');
    expect(session.problem?.hint).toBe('Start a model.');
    manager.failure = null;
    await session.send('x');
    expect(session.phase).toBe('running');
    expect(session.problem).toBeNull();
  });

  it('waits while another generation runs', async () => {
    const { session, manager } = house();
    manager.phase = 'streaming';
    expect(session.busy).toBe('a.ipynb');
    manager.failure = new BusyError('a.ipynb');
    await session.send('x');
    expect(session.phase).toBe('writing');
    expect(session.busy).toBe('a.ipynb');
  });

  it('is not ended by the end of another', async () => {
    const { session, manager } = house();
    const seen = jest.fn();
    session.changed.connect(seen);
    manager.changed.emit();
    expect(session.phase).toBe('writing');
    expect(seen).toHaveBeenCalled();
    session.dispose();
    seen.mockClear();
    manager.changed.emit();
    expect(seen).not.toHaveBeenCalled();
    expect(session.isDisposed).toBe(true);
  });

  it('forgets cells that were removed, and sends nothing without one', async () => {
    const { session, manager, model } = house('edit', [1]);
    model.sharedModel.deleteCell(1);
    expect(session.cells).toEqual([]);
    await session.send('x');
    expect(manager.asked).toEqual([]);
  });

  it('stops only what it has started', async () => {
    const { session, manager } = house();
    const stop = jest.spyOn(manager, 'stop');
    await session.stop();
    expect(stop).not.toHaveBeenCalled();
    await session.send('x');
    await session.stop();
    expect(stop).toHaveBeenCalledTimes(1);
  });
});
