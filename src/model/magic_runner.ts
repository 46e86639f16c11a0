import { CodeCell } from '@jupyterlab/cells';
import type { runCell } from '@jupyterlab/notebook';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAsk, IGenerationManager } from '../tokens';
import { BusyError } from './generation';
import { languageOf } from './language';
import { limitsFor } from './limits';
import {
  MagicError,
  checkLength,
  parseLine,
  readTask,
  splitMagic
} from './magic';
import type { IMagicLine } from './magic';
import { magicHelp } from './magic_help';
import { published, showNote, showText } from './magic_outputs';
import type { Tickets } from './magic_tickets';
import { compose, namedIn, readVariables } from './magic_variables';
import type { IVariable } from './magic_variables';
import type { Preferences } from './preferences';
import { parseSource } from './sources';

type Run = INotebookCellExecutor.IRunCellOptions;

/**
 * What running a `%%gptoss` cell takes.
 */
export interface IMagicRunnerOptions {
  manager: IGenerationManager;
  preferences: Pick<
    Preferences,
    | 'effort'
    | 'verify'
    | 'maxRepairs'
    | 'maxCells'
    | 'limits'
    | 'houseRules'
    | 'variables'
  >;
  tickets: Tickets;
  trans: TranslationBundle;

  /**
   * Whether a notebook's kernel is a sandbox, which tells nothing of itself.
   */
  isSandbox: (run: Run) => boolean;
}

/**
 * Runs cells that begin with `%%gptoss`, whatever the kernel.
 *
 * #### Notes
 * The page reads the cell and starts the job. The kernel is asked only where
 * the task names variables, and all that is taken from its answer is what they
 * are. Nothing but a run of the cell starts anything.
 */
export class MagicRunner {
  constructor(private readonly _options: IMagicRunnerOptions) {}

  /**
   * Whether this cell is ours to run.
   */
  takes({ cell }: Run): boolean {
    return (
      cell instanceof CodeCell &&
      splitMagic(cell.model.sharedModel.getSource()) !== null
    );
  }

  /**
   * Run a cell; false when nothing was started.
   */
  async run(
    options: Run,
    original: typeof runCell,
    together: Promise<number> = Promise.resolve(1)
  ): Promise<boolean> {
    const cell = options.cell as CodeCell;
    if (published(cell.model).length > 0 && (await together) > 1) {
      // Who runs a whole notebook again wants its results, not more cells.
      return this._end(options, true);
    }
    const { trans } = this._options;
    try {
      const magic = splitMagic(cell.model.sharedModel.getSource());
      const line = parseLine(magic?.line ?? '', trans);
      if (line.help) {
        showText(cell, magicHelp(trans), false);
        return this._end(options, true);
      }
      const task = readTask(magic?.body ?? '', trans, line.paper !== null);
      return await this._ask(options, line, task, original);
    } catch (reason) {
      if (!(reason instanceof MagicError || reason instanceof BusyError)) {
        throw reason;
      }
      showText(cell, `${this._message(reason)}\n`, true);
      return this._end(options, false);
    }
  }

  private async _ask(
    options: Run,
    line: IMagicLine,
    task: string,
    original: typeof runCell
  ): Promise<boolean> {
    const { trans } = this._options;
    const spoken = languageOf(options.notebook);
    const names = spoken === 'python' ? namedIn(task) : [];
    let variables: readonly IVariable[] = [];
    if (names.length > 0) {
      this._refuseSandbox(options, names);
      if (line.dryRun) {
        return this._inKernel(options, original);
      }
      const found = await this._variables(options, names, original);
      if (!found) {
        return false;
      }
      variables = found;
    }
    const text = spoken === 'python' ? compose(task, variables) : task;
    const asked = this._toAsk(line, checkLength(text, trans), spoken);
    const { sharedModel } = options.cell.model;
    const ask = line.replace
      ? {
          ...asked,
          replaces: {
            cell: sharedModel.getId(),
            source: sharedModel.getSource()
          }
        }
      : asked;
    if (line.dryRun) {
      showText(options.cell as CodeCell, preview(ask, trans), false);
      return this._end(options, true);
    }
    const started = await this._start(options, ask, variables);
    return names.length > 0 ? started : this._end(options, started);
  }

  /**
   * Have the kernel say what the variables are; null when it did not.
   */
  private async _variables(
    options: Run,
    names: readonly string[],
    original: typeof runCell
  ): Promise<readonly IVariable[] | null> {
    const { tickets } = this._options;
    const cell = options.cell as CodeCell;
    const ticket = tickets.issue(cell);
    try {
      if (!(await this._inKernel(options, original)) || cell.isDisposed) {
        return null;
      }
    } finally {
      tickets.revoke(cell);
    }
    for (const data of published(cell.model)) {
      const found = readVariables(data, ticket, names);
      if (found) {
        return found;
      }
    }
    return null;
  }

  private async _inKernel(
    options: Run,
    original: typeof runCell
  ): Promise<boolean> {
    try {
      return await original(options);
    } finally {
      this._explain(options.cell as CodeCell);
    }
  }

  private _refuseSandbox(options: Run, names: readonly string[]): void {
    if (this._options.isSandbox(options)) {
      throw new MagicError(
        this._options.trans.__(
          'A sandbox kernel does not tell of its variables. Describe `%1` in words, or write {{%1}} for the word in braces.',
          names[0]
        )
      );
    }
  }

  private async _start(
    options: Run,
    ask: IAsk,
    variables: readonly IVariable[]
  ): Promise<boolean> {
    const { manager, trans } = this._options;
    const cell = options.cell as CodeCell;
    const docs = ask.sources.map(({ uri }) => uri);
    showNote(cell, { job: '', docs, variables }, trans);
    cell.model.executionState = 'running';
    try {
      await manager.generate(ask, {
        model: options.notebook,
        cell: cell.model.sharedModel.getId()
      });
    } finally {
      cell.model.executionState = 'idle';
    }
    const { job, problem } = manager;
    if (!job) {
      const said = problem
        ? [problem.detail || problem.title, problem.hint]
        : [];
      showText(cell, `${said.filter(Boolean).join('\n')}\n`, true);
      return false;
    }
    showNote(cell, { job: job.id, docs, variables }, trans);
    return true;
  }

  private _toAsk(line: IMagicLine, task: string, spoken: string): IAsk {
    const { preferences, trans } = this._options;
    const language = line.lang ?? spoken;
    if (language !== 'python' && language !== 'r') {
      throw new MagicError(
        trans.__(
          'Cells can be written in Python or R, and this kernel speaks %1. Say --lang python or --lang r.',
          language
        )
      );
    }
    return {
      task,
      language,
      ...(line.paper === null ? {} : { paper: { uri: line.paper } }),
      sources: line.docs.map(parseSource).filter(source => source !== null),
      effort: line.effort ?? preferences.effort,
      verify: line.verify ? line.verify !== 'off' : preferences.verify,
      maxRepairs: line.verify === 'run' ? 0 : preferences.maxRepairs,
      maxCells: line.cells ?? preferences.maxCells,
      limits: limitsFor(preferences.limits),
      houseRules: preferences.houseRules,
      variables: preferences.variables,
      data: []
    };
  }

  private _end(options: Run, success: boolean): boolean {
    options.onCellExecuted({ cell: options.cell, success });
    return success;
  }

  private _message(reason: Error): string {
    const { trans } = this._options;
    return reason instanceof BusyError
      ? trans.__(
          'A generation is running in %1. Wait for its end, or stop it, then run this cell again.',
          reason.path
        )
      : reason.message;
  }

  /**
   * Say what to do where the kernel does not know the magic.
   */
  private _explain(cell: CodeCell): void {
    const { trans } = this._options;
    if (cell.isDisposed) {
      return;
    }
    const outputs = cell.model.sharedModel.getOutputs();
    if (JSON.stringify(outputs).includes('magic `%%gptoss` not found')) {
      showText(
        cell,
        trans.__(
          'This kernel cannot say what its variables are. Install gptoss-lab in its environment and run `%load_ext gptoss_lab.magics`, or describe them in words.\n'
        ),
        true
      );
    }
  }
}

function preview(ask: IAsk, trans: TranslationBundle): string {
  const docs = ask.sources.map(({ uri }) => uri).join(', ');
  return [
    trans.__('This would be sent; nothing was.'),
    trans.__('Task:'),
    ...ask.task.split('\n').map(row => `  ${row}`),
    ...(ask.paper ? [trans.__('Paper: %1', ask.paper.uri)] : []),
    trans.__('Documentation: %1', docs || trans.__('none')),
    trans.__('Language: %1', ask.language),
    trans.__('Effort: %1', ask.effort ?? trans.__('as the server is set')),
    trans.__('Verification: %1', ask.verify ? trans.__('on') : trans.__('off')),
    ...(ask.maxCells === undefined
      ? []
      : [trans.__('Code cells: at most %1', ask.maxCells)]),
    ...(ask.replaces
      ? [trans.__('This cell goes when the new ones are accepted.')]
      : []),
    trans.__('And the source of the code cells above this one.'),
    ''
  ].join('\n');
}
