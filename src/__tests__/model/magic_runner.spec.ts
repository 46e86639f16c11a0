import { CodeCell } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';

import { BusyError } from '../../model/generation';
import { published } from '../../model/magic_outputs';
import { MagicRunner } from '../../model/magic_runner';
import { TICKET, Tickets, stampTickets } from '../../model/magic_tickets';
import { MIME } from '../../model/magic_variables';
import { FakeManager, codeCell, runOf } from '../fakes/magic';
import { notebook } from '../fakes/notebook';

type Run = INotebookCellExecutor.IRunCellOptions;

const DF = { name: 'df', description: 'DataFrame, columns: a (int64)' };

/**
 * A notebook with one magic cell, and a kernel that answers `bundle`.
 */
function house(
  source: string,
  options: {
    language?: string;
    sandbox?: boolean;
    kernel?: (run: Run, ticket: string) => IOutput | null;
  } = {}
) {
  const model = notebook(source, 'x = 1');
  if (options.language) {
    model.setMetadata('language_info', { name: options.language });
  }
  const manager = new FakeManager();
  const tickets = new Tickets();
  const runner = new MagicRunner({
    manager,
    preferences: {
      effort: null,
      verify: true,
      maxRepairs: 2,
      maxCells: undefined,
      houseRules: 'Be brief.',
      variables: 'types' as const,
      limits: { cellTimeout: 30, memory: 0 }
    },
    tickets,
    trans: nullTranslator.load('gptoss_lab'),
    isSandbox: () => options.sandbox ?? false
  });
  const cell = codeCell(model);
  const { run, ended } = runOf(model, cell);
  const original = jest.fn(async (asked: Run) => {
    const output = options.kernel?.(asked, tickets.of(cell) ?? '');
    cell.model.sharedModel.setOutputs(output ? [output] : []);
    return true;
  });
  return {
    manager,
    tickets,
    runner,
    cell,
    original,
    ended,
    takes: () => runner.takes(run),
    start: (together = 1) =>
      runner.run(run, original, Promise.resolve(together)),
    shown: () => JSON.stringify(cell.model.sharedModel.getOutputs())
  };
}

function bundle(data: object): IOutput {
  return {
    output_type: 'display_data',
    data: { [MIME]: data as Record<string, string>, 'text/plain': 'asked' },
    metadata: {}
  };
}

describe('MagicRunner', () => {
  it('takes only code that begins with the magic', () => {
    expect(house('%%gptoss\nmean').takes()).toBe(true);
    expect(house('mean <- 1').takes()).toBe(false);
    const model = notebook('%%gptoss\nmean');
    const plain = { model: model.cells.get(0) } as unknown as CodeCell;
    const { runner } = house('x');
    expect(runner.takes(runOf(model, plain).run)).toBe(false);
  });

  it('asks for R in an R notebook, and tells its kernel nothing', async () => {
    const lab = house('%%gptoss --docs dplyr\nmean of {x} by {{g}}', {
      language: 'R'
    });
    expect(await lab.start()).toBe(true);
    expect(lab.original).not.toHaveBeenCalled();
    expect(lab.ended).toEqual([true]);
    const { ask, place } = lab.manager.asked[0] ?? {};
    expect(ask).toEqual({
      task: 'mean of {x} by {{g}}',
      sources: [{ kind: 'package', uri: 'dplyr' }],
      language: 'r',
      effort: null,
      verify: true,
      maxRepairs: 2,
      maxCells: undefined,
      houseRules: 'Be brief.',
      variables: 'types',
      limits: { cell_timeout_s: 30 },
      data: []
    });
    expect(place?.cell).toBe(lab.cell.model.sharedModel.getId());
    expect(published(lab.cell.model)).toEqual([
      { version: 1, job: 'j1', docs: ['dplyr'], variables: [] }
    ]);
    expect(lab.cell.model.executionState).toBe('idle');
  });

  it('asks for a paper, whose name is task enough', async () => {
    const lab = house('%%gptoss --paper arXiv:1406.5823 --lang r\n');
    expect(await lab.start()).toBe(true);
    expect(lab.manager.asked[0]?.ask).toMatchObject({
      task: 'Implement the paper.',
      language: 'r',
      sources: [],
      paper: { uri: 'arXiv:1406.5823' }
    });
  });

  it('asks for Python, with the options of the line', async () => {
    const lab = house(
      '%%gptoss --docs guide.pdf --effort low --verify run\nmean of {{x}}',
      { language: 'python' }
    );
    expect(await lab.start()).toBe(true);
    expect(lab.original).not.toHaveBeenCalled();
    expect(lab.manager.asked[0]?.ask).toEqual({
      task: 'mean of {x}',
      sources: [{ kind: 'auto', uri: 'guide.pdf' }],
      language: 'python',
      effort: 'low',
      verify: true,
      maxRepairs: 0,
      maxCells: undefined,
      houseRules: 'Be brief.',
      variables: 'types',
      limits: { cell_timeout_s: 30 },
      data: []
    });
  });

  it('says which cell the new ones take the place of', async () => {
    const source = '%%gptoss --replace --cells 2\nmean';
    const lab = house(source);
    await lab.start();
    const cell = lab.cell.model.sharedModel.getId();
    expect(lab.manager.asked[0]?.ask.replaces).toEqual({ cell, source });
    const shown = house(`${source.replace('2', '2 --dry-run')}`);
    await shown.start();
    expect(shown.manager.asked).toEqual([]);
    expect(shown.shown()).toContain('Code cells: at most 2');
    expect(shown.shown()).toContain('This cell goes when');
  });

  it.each([
    ['%%gptoss --verify off\nx', { verify: false }],
    ['%%gptoss --cells 2\nx', { maxCells: 2 }],
    ['%%gptoss --verify repair\nx', { verify: true }],
    ['%%gptoss --lang r\nx', { language: 'r' }]
  ])('reads %j', async (source, expected) => {
    const lab = house(source);
    expect(await lab.start()).toBe(true);
    expect(lab.manager.asked[0]?.ask).toMatchObject(expected);
  });

  it.each([
    ['%%gptoss --dosc pandas\nmean', '', 'There is no option --dosc'],
    ['%%gptoss --docs pandas\n', '', 'There is no task'],
    ['%%gptoss --paper\nmean', '', '--paper takes a file'],
    ['%%gptoss\nmean', 'julia', 'this kernel speaks julia']
  ])('says what is wrong with %j', async (source, language, words) => {
    const lab = house(source, { language });
    expect(await lab.start()).toBe(false);
    expect(lab.manager.asked).toEqual([]);
    expect(lab.original).not.toHaveBeenCalled();
    expect(lab.ended).toEqual([false]);
    expect(lab.shown()).toContain(words);
    expect(lab.shown()).toContain('stderr');
  });

  it.each([
    ['%%gptoss --dry-run --docs pandas\nmean', 'This would be sent'],
    ['%%gptoss --help', '--docs S']
  ])('only shows for %j', async (source, words) => {
    const lab = house(source);
    expect(await lab.start()).toBe(true);
    expect(lab.manager.asked).toEqual([]);
    expect(lab.shown()).toContain(words);
  });

  it('does not ask again when a whole notebook is run again', async () => {
    const lab = house('%%gptoss\nmean');
    expect(await lab.start(3)).toBe(true);
    expect(lab.manager.asked).toHaveLength(1);
    const note = lab.shown();
    expect(await lab.start(3)).toBe(true);
    expect(lab.manager.asked).toHaveLength(1);
    expect(lab.shown()).toBe(note);
    expect(lab.ended).toEqual([true, true]);
    expect(await lab.start(1)).toBe(true);
    expect(lab.manager.asked).toHaveLength(2);
  });

  it('says that another generation runs', async () => {
    const lab = house('%%gptoss\nmean');
    lab.manager.failure = new BusyError('b.ipynb');
    expect(await lab.start()).toBe(false);
    expect(lab.shown()).toContain('A generation is running in b.ipynb');
    expect(lab.cell.model.executionState).toBe('idle');
  });

  it('says why the server refused', async () => {
    const lab = house('%%gptoss\nmean');
    lab.manager.failure = {
      type: 'about:blank',
      title: 'Refused',
      status: 429,
      detail: 'Too much.',
      code: 'too_busy',
      hint: 'Wait.'
    };
    expect(await lab.start()).toBe(false);
    expect(lab.shown()).toContain('Too much.\\nWait.');
    expect(published(lab.cell.model)).toEqual([]);
  });

  it('hides no fault of its own', async () => {
    const lab = house('%%gptoss\nmean');
    lab.manager.failure = new TypeError('ours');
    await expect(lab.start()).rejects.toThrow('ours');
  });
});

describe('MagicRunner with variables', () => {
  const SOURCE = '%%gptoss --docs pandas\nplot {df}';

  it('takes from the kernel what they are, and nothing else', async () => {
    const lab = house(SOURCE, {
      language: 'python',
      kernel: (_, ticket) =>
        bundle({
          version: 1,
          ticket,
          task: 'another',
          sources: ['https://elsewhere.example/?secret'],
          variables: [DF]
        })
    });
    expect(await lab.start()).toBe(true);
    expect(lab.original).toHaveBeenCalledTimes(1);
    expect(lab.manager.asked).toHaveLength(1);
    const { ask } = lab.manager.asked[0] ?? {};
    expect(ask?.task).toContain('plot `df`');
    expect(ask?.task).toContain(`- \`df\`: ${DF.description}`);
    expect(ask?.sources).toEqual([{ kind: 'package', uri: 'pandas' }]);
    expect(JSON.stringify(ask)).not.toContain('elsewhere');
    expect(published(lab.cell.model)).toEqual([
      { version: 1, job: 'j1', docs: ['pandas'], variables: [DF] }
    ]);
    expect(lab.tickets.of(lab.cell)).toBeUndefined();
  });

  it.each([
    ['no bundle', () => null],
    [
      'another ticket',
      () => bundle({ version: 1, ticket: 'old', variables: [DF] })
    ],
    ['no ticket', () => bundle({ version: 1, variables: [DF] })]
  ])('starts nothing for %s', async (_, kernel) => {
    const lab = house(SOURCE, { kernel });
    expect(await lab.start()).toBe(false);
    expect(lab.original).toHaveBeenCalledTimes(1);
    expect(lab.manager.asked).toEqual([]);
  });

  it('starts nothing for a bundle that an earlier run left', async () => {
    const seen: string[] = [];
    const lab = house(SOURCE, {
      kernel: (_, ticket) => {
        seen.push(ticket);
        return bundle({ version: 1, ticket: seen[0], variables: [DF] });
      }
    });
    expect(await lab.start()).toBe(true);
    expect(await lab.start()).toBe(false);
    expect(lab.manager.asked).toHaveLength(1);
    expect(seen[0]).not.toBe(seen[1]);
  });

  it('starts nothing where the kernel refused', async () => {
    const lab = house(SOURCE);
    lab.original.mockRejectedValueOnce(new Error('no such variable'));
    await expect(lab.start()).rejects.toThrow('no such variable');
    expect(lab.manager.asked).toEqual([]);
    expect(lab.tickets.of(lab.cell)).toBeUndefined();
  });

  it('says how a kernel learns the magic', async () => {
    const lab = house(SOURCE, {
      kernel: () => ({
        output_type: 'stream',
        name: 'stderr',
        text: 'UsageError: Cell magic `%%gptoss` not found.\n'
      })
    });
    expect(await lab.start()).toBe(false);
    expect(lab.shown()).toContain('%load_ext gptoss_lab.magics');
  });

  it('leaves a dry run to the kernel', async () => {
    const lab = house('%%gptoss --dry-run\nplot {df}', {
      kernel: (_, ticket) => {
        expect(ticket).toBe('');
        return null;
      }
    });
    expect(await lab.start()).toBe(true);
    expect(lab.original).toHaveBeenCalledTimes(1);
    expect(lab.manager.asked).toEqual([]);
  });

  it('does not ask a sandbox', async () => {
    const lab = house(SOURCE, { sandbox: true });
    expect(await lab.start()).toBe(false);
    expect(lab.original).not.toHaveBeenCalled();
    expect(lab.shown()).toContain('{{df}}');
  });
});

describe('stampTickets', () => {
  it('marks only executions of cells that hold a ticket', async () => {
    const original = CodeCell.execute;
    const execute = jest.fn(async () => undefined);
    CodeCell.execute = execute;
    const tickets = new Tickets();
    const stamp = stampTickets(tickets);
    const session = {} as Parameters<typeof CodeCell.execute>[1];
    const model = notebook('%%gptoss\nplot {df}');
    const cell = codeCell(model);

    await CodeCell.execute(cell, session, { recordTiming: true });
    expect(execute).toHaveBeenLastCalledWith(cell, session, {
      recordTiming: true
    });
    const ticket = tickets.issue(cell);
    await CodeCell.execute(cell, session, { recordTiming: true });
    expect(execute).toHaveBeenLastCalledWith(cell, session, {
      recordTiming: true,
      [TICKET]: ticket
    });
    tickets.revoke(cell);
    await CodeCell.execute(cell, session);
    expect(execute).toHaveBeenLastCalledWith(cell, session, undefined);
    expect(cell.model.metadata).not.toHaveProperty(TICKET);
    stamp.dispose();
    expect(CodeCell.execute).toBe(execute);
    CodeCell.execute = original;
  });
});
