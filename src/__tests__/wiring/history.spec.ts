import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import type { ISourceList } from '../../choice_tokens';
import { BusyError } from '../../model/generation';
import { SourceList } from '../../model/sources';
import { RequestError } from '../../request';
import type { IGenerationManager } from '../../tokens';
import type { CodeGenerationRequest } from '../../wire/schema';
import { historyWiring } from '../../wiring/history';
import { summary } from '../fakes/history';

const REQUEST: CodeGenerationRequest = {
  task: 'The whole task',
  sources: [{ kind: 'package', uri: 'numpy' }],
  language: 'r',
  verify: false
};

function house(request: CodeGenerationRequest | null = REQUEST) {
  const manager = {
    job: null as { id: string; outcome: string } | null,
    replay: jest.fn(async () => undefined),
    changed: new Signal<object, void>({})
  };
  const sources: ISourceList = new SourceList(null);
  sources.add({ kind: 'package', uri: 'pandas' });
  const fill = jest.fn();
  const refuse = jest.fn();
  const find = jest.fn(() => null);
  const jobs = jest.fn(async () => ({ jobs: [summary()], next: '' }));
  const wired = historyWiring({
    app: {} as JupyterFrontEnd,
    manager: manager as unknown as IGenerationManager,
    tracker: {} as INotebookTracker,
    sources,
    pending: { find },
    fill,
    refuse,
    api: {
      jobs,
      request: async () => {
        if (!request) {
          throw new RequestError({
            type: '',
            title: 'Not Found',
            status: 404,
            detail: 'Forgotten.',
            code: 'not_found',
            hint: ''
          });
        }
        return request;
      },
      cancel: async () => undefined
    }
  });
  return { ...wired, manager, sources, fill, refuse, find, jobs };
}

function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 20));
}

describe('historyWiring', () => {
  it('replays a job as it was asked for', async () => {
    const { historyVerbs, manager, refuse } = house();
    historyVerbs.onReplay(summary());
    await settle();
    expect(manager.replay).toHaveBeenCalledWith({
      job: 'j1',
      task: 'The whole task',
      language: 'r',
      verify: false
    });
    expect(refuse).not.toHaveBeenCalled();
  });

  it('says when another generation runs', async () => {
    const { historyVerbs, manager, refuse } = house();
    const busy = new BusyError('a.ipynb');
    manager.replay.mockRejectedValue(busy);
    historyVerbs.onReplay(summary());
    await settle();
    expect(refuse).toHaveBeenCalledWith(busy);
  });

  it('puts task, documentation and language into the form', async () => {
    const { historyVerbs, sources, fill } = house();
    historyVerbs.onRefill(summary());
    await settle();
    expect(sources.sources.map(({ uri }) => uri)).toEqual(['numpy']);
    expect(fill).toHaveBeenCalledWith('The whole task', 'r');
  });

  it('leaves the form as it is where the job is forgotten', async () => {
    const { historyVerbs, history, sources, fill, manager } = house(null);
    historyVerbs.onRefill(summary());
    historyVerbs.onReplay(summary());
    await settle();
    expect(sources.sources.map(({ uri }) => uri)).toEqual(['pandas']);
    expect(fill).not.toHaveBeenCalled();
    expect(manager.replay).not.toHaveBeenCalled();
    expect(history.refusal?.detail).toBe('Forgotten.');
  });

  it('asks again when the own job begins and ends', async () => {
    const { onHistory, manager, jobs } = house();
    onHistory(true);
    await settle();
    const before = jobs.mock.calls.length;
    manager.job = { id: 'j2', outcome: 'running' };
    manager.changed.emit();
    manager.changed.emit();
    await settle();
    expect(jobs.mock.calls.length).toBe(before + 1);
    onHistory(false);
  });

  it('goes nowhere for a job that is in no open notebook', () => {
    const { historyVerbs, find } = house();
    historyVerbs.onShow(summary());
    expect(find).toHaveBeenCalledWith('j1');
  });
});
