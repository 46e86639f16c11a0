import type { TranslationBundle } from '@jupyterlab/translation';

import { MAX_SOURCES } from './sources';

/**
 * The most characters that a task may have.
 */
export const MAX_TASK_CHARS = 16_000;

/**
 * The task where a paper is all that was named.
 */
export const PAPER_TASK = 'Implement the paper.';

/**
 * The most characters that the name of a paper may have.
 */
const MAX_PAPER_CHARS = 4096;

const FIRST_LINE = /^\s*%%gptoss(?:[ \t]+([^\n]*))?(?:\n|$)/;

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  '--lang': ['python', 'r'],
  '--effort': ['low', 'medium', 'high'],
  '--verify': ['off', 'run', 'repair']
};

const FLAGS: readonly string[] = ['--replace', '--dry-run', '--help'];

/**
 * The most code cells that can be asked for.
 */
const MAX_CELLS = 40;

/**
 * What a `%%gptoss` line asks for; null leaves it to the person's settings.
 */
export interface IMagicLine {
  readonly docs: readonly string[];

  /**
   * The paper that the cells are to implement.
   */
  readonly paper: string | null;
  readonly lang: 'python' | 'r' | null;
  readonly effort: 'low' | 'medium' | 'high' | null;
  readonly verify: 'off' | 'run' | 'repair' | null;

  /**
   * The most code cells that are wanted.
   */
  readonly cells: number | null;

  /**
   * Whether the cell goes when what it asked for is accepted.
   */
  readonly replace: boolean;
  readonly dryRun: boolean;
  readonly help: boolean;
}

/**
 * A cell asks for something that is not to be had; the message says what.
 */
export class MagicError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MagicError';
  }
}

/**
 * Split a cell that begins with `%%gptoss`; null for any other.
 */
export function splitMagic(
  source: string
): { line: string; body: string } | null {
  const found = FIRST_LINE.exec(source);
  return found
    ? { line: found[1] ?? '', body: source.slice(found[0].length) }
    : null;
}

/**
 * Read the options of a line.
 *
 * #### Notes
 * The kernel's side reads the same line; tests/magics/lines.json holds both to
 * one meaning.
 *
 * @throws MagicError when one is unknown, or its value is missing or wrong.
 */
export function parseLine(line: string, trans: TranslationBundle): IMagicLine {
  const words = splitWords(line);
  if (!words) {
    throw new MagicError(
      trans.__('A quotation mark is not closed in the line of %%gptoss.')
    );
  }
  const read: Record<string, unknown> = {};
  const docs: string[] = [];
  while (words.length) {
    const [name, value] = splitOption(words.shift() ?? '');
    if (name === '--docs') {
      docs.push(...readSources(value, words, trans));
    } else if (name === '--paper') {
      read[name] = readPaper(read[name], value, words, trans);
    } else if (name in CHOICES) {
      read[name] = readChoice(name, value, words, trans);
    } else if (name === '--cells') {
      read[name] = readNumber(name, value, words, trans);
    } else {
      read[readFlag(name, value, trans)] = true;
    }
  }
  if (docs.length > MAX_SOURCES) {
    throw new MagicError(
      trans.__('At most %1 sources fit behind --docs.', MAX_SOURCES)
    );
  }
  return {
    docs,
    paper: (read['--paper'] ?? null) as string | null,
    lang: (read['--lang'] ?? null) as IMagicLine['lang'],
    effort: (read['--effort'] ?? null) as IMagicLine['effort'],
    verify: (read['--verify'] ?? null) as IMagicLine['verify'],
    cells: (read['--cells'] ?? null) as number | null,
    replace: read['--replace'] === true,
    dryRun: read['--dry-run'] === true,
    help: read['--help'] === true
  };
}

/**
 * Read the task that stands below the line; a paper is a task by itself.
 *
 * @throws MagicError when there is none, or it is too long.
 */
export function readTask(
  body: string,
  trans: TranslationBundle,
  paper = false
): string {
  const task = body.trim() || (paper ? PAPER_TASK : '');
  if (task === '') {
    throw new MagicError(
      trans.__(
        'There is no task. Write below the line of %%gptoss what you need, in words.'
      )
    );
  }
  return checkLength(task, trans);
}

/**
 * Return a task that fits.
 *
 * @throws MagicError when it is too long.
 */
export function checkLength(task: string, trans: TranslationBundle): string {
  if (task.length > MAX_TASK_CHARS) {
    throw new MagicError(
      trans.__(
        'The task has %1 characters; %2 fit. Name a file in --docs.',
        task.length,
        MAX_TASK_CHARS
      )
    );
  }
  return task;
}

function readSources(
  value: string | null,
  rest: string[],
  trans: TranslationBundle
): string[] {
  const given = value === null ? [] : [value];
  while (rest.length && !rest[0]?.startsWith('--')) {
    given.push(rest.shift() ?? '');
  }
  const sources = given.filter(source => source.trim() !== '');
  if (sources.length === 0) {
    throw new MagicError(
      trans.__('--docs needs a source: a package, a path or a web address.')
    );
  }
  return sources;
}

function readPaper(
  before: unknown,
  value: string | null,
  rest: string[],
  trans: TranslationBundle
): string {
  const given = valueOf(value, rest).trim();
  if (given === '') {
    throw new MagicError(
      trans.__('--paper takes a file, an arXiv id, a DOI or a web address.')
    );
  }
  if (before !== undefined) {
    throw new MagicError(
      trans.__('One --paper fits. Name further papers in --docs.')
    );
  }
  if (given.length > MAX_PAPER_CHARS) {
    throw new MagicError(
      trans.__(
        'What stands behind --paper is too long: %1 characters fit.',
        MAX_PAPER_CHARS
      )
    );
  }
  return given;
}

function readChoice(
  name: string,
  value: string | null,
  rest: string[],
  trans: TranslationBundle
): string {
  const choices = CHOICES[name] ?? [];
  const given = valueOf(value, rest);
  if (!choices.includes(given)) {
    const first = choices.slice(0, -1).join(', ');
    const last = choices[choices.length - 1] ?? '';
    throw new MagicError(
      given === ''
        ? trans.__('%1 takes %2 or %3.', name, first, last)
        : trans.__('%1 takes %2 or %3, not %4.', name, first, last, given)
    );
  }
  return given;
}

function readNumber(
  name: string,
  value: string | null,
  rest: string[],
  trans: TranslationBundle
): number {
  const given = valueOf(value, rest);
  if (!/^[1-9][0-9]?$/.test(given) || Number(given) > MAX_CELLS) {
    throw new MagicError(
      given === ''
        ? trans.__('%1 takes a number from 1 to %2.', name, MAX_CELLS)
        : trans.__(
            '%1 takes a number from 1 to %2, not %3.',
            name,
            MAX_CELLS,
            given
          )
    );
  }
  return Number(given);
}

/**
 * What stands behind an option; empty where nothing does.
 */
function valueOf(value: string | null, rest: string[]): string {
  return value ?? (rest[0]?.startsWith('--') ? '' : (rest.shift() ?? ''));
}

function readFlag(
  name: string,
  value: string | null,
  trans: TranslationBundle
): string {
  if (!name.startsWith('-')) {
    throw new MagicError(
      trans.__(
        '`%1` stands where an option is expected. Write the task below the line of %%gptoss.',
        name
      )
    );
  }
  if (!FLAGS.includes(name)) {
    throw new MagicError(
      trans.__('There is no option %1. `--help` lists them.', name)
    );
  }
  if (value !== null) {
    throw new MagicError(trans.__('%1 takes no value.', name));
  }
  return name;
}

function splitOption(word: string): [string, string | null] {
  const place = word.indexOf('=');
  return place < 0
    ? [word, null]
    : [word.slice(0, place), word.slice(place + 1)];
}

/**
 * Split words as a shell does; null where a quotation mark is not closed.
 */
function splitWords(line: string): string[] | null {
  const words: string[] = [];
  const piece = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|(\s+)|([^\s'"\\]+)/gy;
  let word: string | null = null;
  while (piece.lastIndex < line.length) {
    const found = piece.exec(line);
    if (!found) {
      return null;
    }
    const [, single, double, escaped, space, plain] = found;
    if (space !== undefined) {
      if (word !== null) {
        words.push(word);
      }
      word = null;
    } else {
      word =
        (word ?? '') +
        (single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain);
    }
  }
  return word === null ? words : [...words, word];
}
