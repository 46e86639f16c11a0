import { StateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';

import { GenerationManager } from '../../model/generation';
import { JobMemory } from '../../model/memory';
import type { IGenerationApi, ITargets } from '../../tokens';
import type { CodeGenerationRequest } from '../../wire/schema';
import { notebook, texts } from '../fakes/notebook';
import { DONE, GENERATOR, close, open, script } from '../fakes/script';

describe('GenerationManager with a place', () => {
  it('writes below the cell that is named, not the active one', async () => {
    const model = notebook('first', 'second', 'third');
    const cell = model.sharedModel.cells[1]?.getId() ?? '';
    const requests: CodeGenerationRequest[] = [];
    const events = script(GENERATOR, open('a', 0), close('a', 'x = 1'), DONE);
    const api = {
      generate: async (request: CodeGenerationRequest) => {
        requests.push(request);
        return { job: 'j1', events: '', state: 'queued' as const };
      },
      events: async function* () {
        yield* events;
      }
    } as unknown as IGenerationApi;
    const targets = {
      opened: new Signal({}),
      renamed: new Signal({}),
      current: () => Promise.reject(new Error('not asked for')),
      below: (place: { cell: string }) => ({
        path: 'a.ipynb',
        model,
        after: place.cell,
        context: ['first']
      })
    } as unknown as ITargets;
    const manager = new GenerationManager({
      api,
      targets,
      memory: new JobMemory(new StateDB()),
      schedule: run => run()
    });
    await manager.generate(
      {
        task: 'mean',
        sources: [],
        language: 'python',
        effort: null,
        verify: true,
        maxRepairs: 0,
        data: []
      },
      { model, cell }
    );
    await new Promise(resolve => setTimeout(resolve));
    expect(requests[0]).toMatchObject({
      max_repairs: 0,
      context: { path: 'a.ipynb', cells: ['first'] }
    });
    expect(requests[0]).not.toHaveProperty('maxRepairs');
    expect(texts(model)).toEqual(['first', 'second', 'x = 1', 'third']);
  });
});
