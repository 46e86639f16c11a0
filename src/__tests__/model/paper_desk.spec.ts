import { StateDB } from '@jupyterlab/statedb';
import { PromiseDelegate } from '@lumino/coreutils';

import { PaperDesk } from '../../model/paper_desk';
import { FakePaperApi, paper, problem, told, unit } from '../fakes/paper';
import { DONE, script } from '../fakes/script';
import { summary } from '../fakes/summary';

const OPEN = unit('u1', { status: 'unresolved', question: 'Which?' });

const CANCELLED = { ...DONE, state: 'cancelled' } as typeof DONE;

const TOLD = script(
  { type: 'stage', stage: 'load', detail: '' },
  told(),
  { type: 'unit', unit: OPEN },
  DONE
);

function desk(api = new FakePaperApi(), state = new StateDB()) {
  const made = new PaperDesk({
    api,
    state,
    schedule: run => run(),
    notebook: () => 'work/a.ipynb',
    taskFor: uri => `Read ${uri}`
  });
  return { api, state, desk: made };
}

/**
 * What the server knows of a job that read a paper.
 */
function known(state: 'running' | 'done') {
  return {
    ...summary(state),
    job: 'j1',
    paper: {
      paper: paper(),
      scope: [],
      units: [OPEN],
      claims: [],
      config: [],
      assumptions: [],
      missing: []
    }
  };
}

describe('PaperDesk', () => {
  it('reads, and then knows what to ask for', async () => {
    const { api, desk: at } = desk();
    at.type(' 1406.5823 ');
    await at.read();
    expect(api.requests).toEqual([
      {
        task: 'Read arXiv:1406.5823',
        verify: false,
        context: { path: 'work/a.ipynb', cells: [] },
        paper: { uri: 'arXiv:1406.5823', read_only: true }
      }
    ]);
    expect([at.on, at.reading, at.ready, at.ask]).toEqual([
      true,
      true,
      false,
      null
    ]);
    await api.tell(...TOLD.slice(0, 3));
    expect(at.told?.paper?.title).toBe(paper().title);
    expect(at.ask).toBeNull();
    await api.tell(...TOLD.slice(3));
    expect([at.reading, at.ready, at.chosen]).toEqual([false, true, ['c1']]);
    at.choose('c2', true);
    at.answer('u1', 'REML');
    expect(at.ask).toEqual({
      uri: 'arXiv:1406.5823',
      scope: ['c1', 'c2'],
      answers: [{ unit: 'u1', text: 'REML' }]
    });
  });

  it('asks for nothing without a name', async () => {
    const { api, desk: at } = desk();
    at.type('   ');
    await at.read();
    expect(api.requests).toEqual([]);
  });

  it('says why it was refused', async () => {
    const { api, desk: at } = desk();
    api.failure = problem(422);
    await at.read('a.pdf');
    expect(at.problem?.hint).toBe('Give another file.');
    expect(at.reading).toBe(false);
    api.failure = null;
    await at.read('b.pdf');
    expect([at.problem, at.reading]).toEqual([null, true]);
  });

  it('says why it failed, and asks for no cells then', async () => {
    const { api, desk: at } = desk();
    await at.read('a.pdf');
    await api.tell(
      ...script(told(), { type: 'error', problem: problem(422).problem })
    );
    expect(at.problem?.detail).toBe('It cannot be read.');
    expect([at.ready, at.ask]).toEqual([false, null]);
  });

  it('says that the server was lost', async () => {
    const { api, desk: at } = desk();
    await at.read('a.pdf');
    await api.tell(problem(503));
    expect([at.problem?.status, at.reading]).toEqual([503, false]);
  });

  it('stops, also while it starts', async () => {
    const { api, desk: at } = desk();
    const gate = new PromiseDelegate<void>();
    api.held = gate.promise;
    const reading = at.read('a.pdf');
    expect(at.reading).toBe(true);
    await at.stop();
    expect(api.cancelled).toEqual([]);
    gate.resolve();
    await reading;
    expect(api.cancelled).toEqual(['j1']);
    await api.tell(...script(CANCELLED));
    expect([at.reading, at.job?.outcome]).toEqual([false, 'cancelled']);
  });

  it('gives a paper up for the next', async () => {
    const { api, desk: at } = desk();
    const gate = new PromiseDelegate<void>();
    api.held = gate.promise;
    const first = at.read('a.pdf');
    const second = at.read('b.pdf');
    gate.resolve();
    await Promise.all([first, second]);
    expect(api.cancelled).toEqual(['j1']);
    expect(at.job?.id).toBe('j2');
    expect(at.typed).toBe('b.pdf');
  });

  it('comes back to what was read', async () => {
    const { api, state, desk: before } = desk();
    await before.read('a.pdf');
    await api.tell(...TOLD);
    before.choose('c2', true);
    before.answer('u1', 'REML');
    api.known = known('done');
    const { desk: after } = desk(api, state);
    await after.restore();
    expect(after.ask).toEqual(before.ask);
    expect([after.on, after.typed, after.ready]).toEqual([true, 'a.pdf', true]);
    expect(api.readFrom).toEqual([0]);
  });

  it('goes on with what is being read', async () => {
    const { api, state, desk: before } = desk();
    await before.read('a.pdf');
    before.dispose();
    api.known = known('running');
    const { desk: after } = desk(api, state);
    await after.restore();
    expect(after.reading).toBe(true);
    await api.tell(...TOLD);
    expect(after.ready).toBe(true);
  });

  it('keeps the name of a paper that the server has forgotten', async () => {
    const { api, state, desk: before } = desk();
    await before.read('a.pdf');
    const { desk: after } = desk(api, state);
    await after.restore();
    expect([after.typed, after.problem, after.job]).toEqual([
      'a.pdf',
      null,
      null
    ]);
  });

  it('remembers that one works from documentation', async () => {
    const { state, desk: before } = desk();
    before.work(true);
    before.work(false);
    const { desk: after } = desk(new FakePaperApi(), state);
    await after.restore();
    expect(after.on).toBe(false);
  });
});
