import { CodeCell } from '@jupyterlab/cells';
import type { INotebookCellExecutor, runCell } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { RequestError } from '../request';
import type { CorpusInfo, Health, JobList, ModelState } from '../wire/schema';
import { languageOf } from './language';
import { magicHelp } from './magic_help';
import { showText } from './magic_outputs';

const LINE = /^\s*%gptoss(?:[ \t]+([^\n]*))?(?:\n|$)/;
const MAX_JOBS = 10;
const MAX_TASK_CHARS = 60;
const MIB = 1 << 20;

type Run = INotebookCellExecutor.IRunCellOptions;

interface ICorpora {
  corpora: CorpusInfo[];
}

/**
 * Read what stands at an address of the API.
 */
export type Get = <T>(path: string) => Promise<T>;

/**
 * What answering `%gptoss` takes.
 */
export interface IVerbRunnerOptions {
  get: Get;
  trans: TranslationBundle;
}

/**
 * Answers cells that begin with `%gptoss`, whatever the kernel, which is not
 * asked.
 *
 * #### Notes
 * A Python kernel with the magic answers the line in the middle of a cell too:
 * there a cell is ours only when nothing else stands in it.
 */
export class VerbRunner {
  constructor(private readonly _options: IVerbRunnerOptions) {}

  /**
   * Whether this cell is ours to run.
   */
  takes({ cell, notebook }: Run): boolean {
    const found =
      cell instanceof CodeCell
        ? splitVerb(cell.model.sharedModel.getSource())
        : null;
    return (
      found !== null && (found.body === '' || languageOf(notebook) !== 'python')
    );
  }

  /**
   * Show the answer as the cell's output; false when there is none.
   */
  async run(options: Run): Promise<boolean> {
    const cell = options.cell as CodeCell;
    const found = splitVerb(cell.model.sharedModel.getSource());
    let text: string;
    let success = true;
    try {
      text = await this._answer(found?.verb ?? '', found?.body ?? '');
    } catch (reason) {
      if (!(reason instanceof RequestError || reason instanceof VerbError)) {
        throw reason;
      }
      text = said(reason);
      success = false;
    }
    if (!cell.isDisposed) {
      showText(cell, `${text}\n`, !success);
    }
    options.onCellExecuted({ cell, success });
    return success;
  }

  private async _answer(verb: string, body: string): Promise<string> {
    const { get, trans } = this._options;
    if (body !== '') {
      throw new VerbError(
        trans.__(
          '%gptoss stands alone in its cell with this kernel. Move the rest to a cell of its own; nothing of it ran.'
        )
      );
    }
    switch (verb) {
      case '':
      case 'help':
      case '--help':
        return verbHelp(trans);
      case 'sources':
        return sources(await get<ICorpora>('corpora'), trans);
      case 'status':
        return status(await get<Health>('health'), trans);
      case 'model':
        return model(await get<ModelState>('model'), trans);
      case 'history':
        return history(await get<JobList>('code/jobs'), trans);
      default:
        throw new VerbError(
          trans.__(
            '%gptoss knows no %1: sources, status, model, history or help. A task wants %%gptoss.',
            verb
          )
        );
    }
  }
}

/**
 * A runner of some cells.
 */
interface IRunner {
  takes(options: Run): boolean;
  run(
    options: Run,
    original: typeof runCell,
    together: Promise<number>
  ): Promise<boolean>;
}

/**
 * Let the first of some runners that takes a cell run it.
 */
export function firstOf(...runners: IRunner[]): IRunner {
  return {
    takes: options => runners.some(runner => runner.takes(options)),
    run: async (options, original, together) =>
      (await runners
        .find(runner => runner.takes(options))
        ?.run(options, original, together)) ?? false
  };
}

class VerbError extends Error {}

function splitVerb(source: string): { verb: string; body: string } | null {
  const found = LINE.exec(source);
  return found
    ? {
        verb: (found[1] ?? '').trim(),
        body: source.slice(found[0].length).trim()
      }
    : null;
}

function said(reason: RequestError | VerbError): string {
  return reason instanceof RequestError
    ? [reason.message, reason.problem.hint].filter(Boolean).join('\n')
    : reason.message;
}

function sources({ corpora }: ICorpora, trans: TranslationBundle): string {
  const rows = corpora.map(({ title, version, chunks, examples }) =>
    trans.__(
      '%1: %2 passages, %3 examples',
      `${title} ${version}`.trim(),
      chunks,
      examples
    )
  );
  return (
    rows.join('\n') ||
    trans.__(
      'No documentation is indexed yet. Name some: %%gptoss --docs pandas'
    )
  );
}

function status(health: Health, trans: TranslationBundle): string {
  const { generator, sandbox, version } = health;
  return [
    `gptoss_lab ${version}`,
    generator === 'model'
      ? trans.__('Model: %1', health.model)
      : noModel(trans),
    sandbox.available
      ? trans.__('Verification: with %1', sandbox.runtime)
      : trans.__('Verification: %1', sandbox.reason)
  ].join('\n');
}

function model(state: ModelState, trans: TranslationBundle): string {
  if (state.phase === 'unconfigured') {
    return noModel(trans);
  }
  const percent = state.progress?.percent ?? null;
  const memory = state.memory?.resident_bytes ?? 0;
  return [
    `${state.model || trans.__('No model')}: ${state.phase}` +
      (percent === null ? '' : `, ${Math.round(percent)} %`),
    ...(state.failure
      ? [`${state.failure.message} ${state.failure.hint}`.trim()]
      : []),
    ...(memory ? [trans.__('Memory: %1 MiB', Math.floor(memory / MIB))] : [])
  ].join('\n');
}

function history({ jobs }: JobList, trans: TranslationBundle): string {
  const rows = jobs
    .filter(({ kind }) => kind === 'generate')
    .slice(0, MAX_JOBS)
    .map(job =>
      [
        job.created_at.slice(0, 16).replace('T', ' '),
        job.state.padEnd(9),
        trans.__('%1 cells, %2 verified', job.cells, job.verified),
        short(job.task)
      ].join('  ')
    );
  return rows.join('\n') || trans.__('The server remembers no generation.');
}

function noModel(trans: TranslationBundle): string {
  return trans.__(
    'No model is attached: examples from the documentation answer.'
  );
}

function verbHelp(trans: TranslationBundle): string {
  return [
    magicHelp(trans).trimEnd(),
    '',
    trans.__('%gptoss sources    the documentation that is indexed'),
    trans.__('%gptoss status     who answers, and whether cells are verified'),
    trans.__('%gptoss model      the model and what it does now'),
    trans.__('%gptoss history    the last generations')
  ].join('\n');
}

function short(task: string): string {
  const words = task.split(/\s+/).join(' ').trim();
  return words.length <= MAX_TASK_CHARS
    ? words
    : `${words.slice(0, MAX_TASK_CHARS - 1)}…`;
}
