import type { CodeCell } from '@jupyterlab/cells';
import { nullTranslator } from '@jupyterlab/translation';

import { VerbRunner, firstOf } from '../../model/magic_verbs';
import type { Get } from '../../model/magic_verbs';
import { RequestError } from '../../request';
import { codeCell, runOf } from '../fakes/magic';
import { notebook } from '../fakes/notebook';

const ANSWERS: Record<string, unknown> = {
  corpora: {
    corpora: [{ title: 'pandas', version: '2.2', chunks: 10, examples: 3 }]
  },
  health: {
    version: '1.0',
    generator: 'examples',
    model: '',
    sandbox: { available: false, reason: 'no Docker here' }
  },
  model: {
    phase: 'loading_weights',
    model: 'gpt-oss-20b',
    progress: { percent: 41.6 },
    failure: { message: 'It stopped.', hint: 'Start it again.' },
    memory: { resident_bytes: 3 << 20 }
  },
  'code/jobs': {
    jobs: [
      {
        kind: 'generate',
        created_at: '2026-11-27T02:03:04Z',
        state: 'done',
        cells: 4,
        verified: 3,
        task: `mean\n${'of '.repeat(40)}`
      },
      { kind: 'execute', task: 'not shown' }
    ]
  }
};

function house(source: string, language = 'R', answers = ANSWERS) {
  const model = notebook(source, 'x = 1');
  model.setMetadata('language_info', { name: language });
  const asked: string[] = [];
  const get: Get = async <T>(path: string): Promise<T> => {
    asked.push(path);
    if (!(path in answers)) {
      throw new RequestError({
        type: 'about:blank',
        title: 'Gone',
        status: 0,
        detail: 'The server does not answer',
        code: 'unreachable',
        hint: 'Check that it runs.'
      });
    }
    return answers[path] as T;
  };
  const runner = new VerbRunner({
    get,
    trans: nullTranslator.load('gptoss_lab')
  });
  const cell = codeCell(model);
  const { run, ended } = runOf(model, cell);
  return {
    runner,
    run,
    ended,
    asked,
    shown: () => cell.model.sharedModel.getOutputs()[0] as unknown
  };
}

describe('VerbRunner', () => {
  it('takes a cell that begins with %gptoss, and in Python only one that is nothing else', () => {
    const takes = (source: string, language?: string): boolean => {
      const { runner, run } = house(source, language);
      return runner.takes(run);
    };
    expect(takes('%gptoss status')).toBe(true);
    expect(takes('\n%gptoss')).toBe(true);
    expect(takes('%gptoss status\nx <- 1')).toBe(true);
    expect(takes('%gptoss status\n', 'python')).toBe(true);
    expect(takes('%gptoss status\nx = 1', 'python')).toBe(false);
    expect(takes('%%gptoss\nmean')).toBe(false);
    expect(takes('%gptossed')).toBe(false);
    expect(takes('x <- "%gptoss status"')).toBe(false);
    const { runner, run } = house('%gptoss');
    const plain = { model: run.cell.model } as unknown as CodeCell;
    expect(runner.takes({ ...run, cell: plain })).toBe(false);
  });

  it.each([
    ['sources', ['pandas 2.2: 10 passages, 3 examples']],
    [
      'status',
      [
        'gptoss_lab 1.0',
        'No model is attached: examples from the documentation answer.',
        'Verification: no Docker here'
      ]
    ],
    [
      'model',
      [
        'gpt-oss-20b: loading_weights, 42 %',
        'It stopped. Start it again.',
        'Memory: 3 MiB'
      ]
    ]
  ])('answers %s as the output of the cell', async (verb, rows) => {
    const { runner, run, ended, shown } = house(`%gptoss ${verb}`);
    expect(await runner.run(run)).toBe(true);
    expect(shown()).toMatchObject({
      output_type: 'stream',
      name: 'stdout',
      text: `${rows.join('\n')}\n`
    });
    expect(ended).toEqual([true]);
  });

  it('lists generations, each in a line', async () => {
    const { runner, run, shown } = house('%gptoss history');
    await runner.run(run);
    const { text } = shown() as { text: string };
    expect(text).toMatch(
      /^2026-11-27 02:03 {2}done {7}4 cells, 3 verified {2}mean of of .*…\n$/
    );
  });

  it('explains itself and asks nobody', async () => {
    for (const source of ['%gptoss', '%gptoss help', '%gptoss --help']) {
      const { runner, run, asked, shown } = house(source);
      expect(await runner.run(run)).toBe(true);
      expect((shown() as { text: string }).text).toContain('%gptoss history');
      expect(asked).toEqual([]);
    }
  });

  it.each([
    ['%gptoss modell', 'knows no modell'],
    ['%gptoss status\nx <- 1', 'stands alone in its cell'],
    ['%gptoss history', 'does not answer\nCheck that it runs.']
  ])('says why %s has no answer', async (source, words) => {
    const { runner, run, ended, shown } = house(source, 'R', {});
    expect(await runner.run(run)).toBe(false);
    expect(shown()).toMatchObject({ name: 'stderr' });
    expect((shown() as { text: string }).text).toContain(words);
    expect(ended).toEqual([false]);
  });

  it('says so where there is nothing to tell', async () => {
    const empty = {
      corpora: { corpora: [] },
      'code/jobs': { jobs: [] },
      model: { phase: 'unconfigured' },
      health: {
        version: '1.0',
        generator: 'model',
        model: 'gpt-oss-20b',
        sandbox: { available: true, runtime: 'docker' }
      }
    };
    const told: string[] = [];
    for (const verb of ['sources', 'history', 'model', 'status']) {
      const { runner, run, shown } = house(`%gptoss ${verb}`, 'R', empty);
      await runner.run(run);
      told.push((shown() as { text: string }).text);
    }
    expect(told[0]).toContain('No documentation is indexed yet');
    expect(told[1]).toContain('remembers no generation');
    expect(told[2]).toContain('No model is attached');
    expect(told[3]).toContain('Model: gpt-oss-20b\nVerification: with docker');
  });
});

describe('firstOf', () => {
  it('lets the first that takes a cell run it', async () => {
    const { run } = house('x');
    const ran: string[] = [];
    const one = (name: string, takes: boolean) => ({
      takes: () => takes,
      run: async () => {
        ran.push(name);
        return true;
      }
    });
    const some = firstOf(one('a', false), one('b', true), one('c', true));
    expect(some.takes(run)).toBe(true);
    const rest = [jest.fn(), Promise.resolve(1)] as const;
    expect(await some.run(run, ...rest)).toBe(true);
    expect(ran).toEqual(['b']);
    const none = firstOf(one('a', false));
    expect(none.takes(run)).toBe(false);
    expect(await none.run(run, ...rest)).toBe(false);
  });
});
