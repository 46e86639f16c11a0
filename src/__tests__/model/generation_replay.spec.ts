import { StateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';

import { BusyError, GenerationManager } from '../../model/generation';
import { JobMemory } from '../../model/memory';
import { RequestError } from '../../request';
import type { IGenerationApi, ITargets } from '../../tokens';
import { notebook, texts } from '../fakes/notebook';
import { DONE, GENERATOR, close, open, script } from '../fakes/script';

const PAST = {
  job: 'j0',
  task: 'mean',
  language: 'r',
  verify: true
} as const;

function house(known: boolean) {
  const model = notebook('first', 'second');
  const replayed: string[] = [];
  const languages: string[] = [];
  const events = script(GENERATOR, open('a', 0), close('a', 'x = 1'), DONE);
  const api = {
    replay: async (job: string) => {
      replayed.push(job);
      if (!known) {
        throw new RequestError({
          type: '',
          title: 'Not Found',
          status: 404,
          detail: 'The server has forgotten this job.',
          code: 'not_found',
          hint: ''
        });
      }
      return { job: 'j1', events: '', state: 'queued' as const };
    },
    events: async function* () {
      yield* events;
    }
  } as unknown as IGenerationApi;
  const targets = {
    opened: new Signal({}),
    renamed: new Signal({}),
    current: async (language: string) => {
      languages.push(language);
      const after = model.sharedModel.cells[0]?.getId() ?? null;
      return { path: 'a.ipynb', model, after, context: [] };
    }
  } as unknown as ITargets;
  const manager = new GenerationManager({
    api,
    targets,
    memory: new JobMemory(new StateDB()),
    schedule: run => run()
  });
  return { manager, model, replayed, languages };
}

describe('GenerationManager.replay', () => {
  it('asks for a job again, into the active notebook', async () => {
    const { manager, model, replayed, languages } = house(true);
    const running = manager.replay(PAST);
    await expect(manager.replay(PAST)).rejects.toThrow(BusyError);
    await running;
    await new Promise(resolve => setTimeout(resolve));
    expect(texts(model)).toEqual(['first', 'x = 1', 'second']);
    expect(manager.job).toMatchObject({ id: 'j1', task: 'mean', ended: true });
    expect([replayed, languages]).toEqual([['j0'], ['r']]);
  });

  it('says why a job cannot be replayed', async () => {
    const { manager, model } = house(false);
    await manager.replay(PAST);
    expect(manager.phase).toBe('error');
    expect(manager.problem?.detail).toBe('The server has forgotten this job.');
    expect(texts(model)).toEqual(['first', 'second']);
  });
});
