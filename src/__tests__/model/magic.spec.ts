import { nullTranslator } from '@jupyterlab/translation';

import cases from '../../../tests/magics/lines.json';
import {
  MAX_TASK_CHARS,
  checkLength,
  parseLine,
  readTask,
  splitMagic
} from '../../model/magic';
import { magicHelp } from '../../model/magic_help';
import { compose, namedIn, readVariables } from '../../model/magic_variables';

interface ICases {
  lines: {
    line: string;
    reads?: {
      docs?: string[];
      paper?: string;
      lang?: string;
      effort?: string;
      verify?: string;
      cells?: number;
      replace?: boolean;
      dry_run?: boolean;
      help?: boolean;
    };
    says?: string;
  }[];
  tasks: { task: string; names: string[]; sent: string }[];
}

/**
 * What the kernel's side is held to as well.
 */
const CASES = cases as ICases;

const trans = nullTranslator.load('gptoss_lab');

describe('splitMagic', () => {
  it.each([
    ['%%gptoss\ntask', { line: '', body: 'task' }],
    ['\n\n%%gptoss --docs a\n\ntask\n', { line: '--docs a', body: '\ntask\n' }],
    ['%%gptoss', { line: '', body: '' }],
    ['%%gptossier\ntask', null],
    ['%%gptoss?', null],
    ['%gptoss status', null],
    ['x = 1\n%%gptoss\ntask', null],
    ['# %%gptoss\ntask', null]
  ])('%j', (source, parts) => {
    expect(splitMagic(source)).toEqual(parts);
  });
});

describe('parseLine', () => {
  it.each(CASES.lines.filter(({ reads }) => reads))(
    'reads $line',
    ({ line, reads }) => {
      expect(parseLine(line, trans)).toEqual({
        docs: reads?.docs ?? [],
        paper: reads?.paper ?? null,
        lang: reads?.lang ?? null,
        effort: reads?.effort ?? null,
        verify: reads?.verify ?? null,
        cells: reads?.cells ?? null,
        replace: reads?.replace ?? false,
        dryRun: reads?.dry_run ?? false,
        help: reads?.help ?? false
      });
    }
  );

  it.each(CASES.lines.filter(({ says }) => says))(
    'refuses $line',
    ({ line, says }) => {
      expect(() => parseLine(line, trans)).toThrow(says);
    }
  );

  it('bounds the number of sources', () => {
    const line = `--docs ${'pandas '.repeat(33)}`;
    expect(() => parseLine(line, trans)).toThrow('At most 32 sources');
  });

  it('explains the options that there are, and no others', () => {
    const help = magicHelp(trans);
    expect(help).toContain('--verify off|run|repair');
    expect(help).toMatch(/--cells N[^]*--replace/);
    expect(help).toContain('--paper P');
  });
});

describe('a task', () => {
  it('must be there, and fit', () => {
    expect(readTask('\n mean \n', trans)).toBe('mean');
    expect(() => readTask(' \n', trans)).toThrow('There is no task.');
    expect(readTask(' \n', trans, true)).toBe('Implement the paper.');
    const long = 'x'.repeat(MAX_TASK_CHARS);
    expect(checkLength(long, trans)).toBe(long);
    expect(() => checkLength(`${long}x`, trans)).toThrow('16001 characters');
  });

  it.each(CASES.tasks)('names variables: $task', ({ task, names, sent }) => {
    expect(namedIn(task)).toEqual(names);
    expect(compose(task, [])).toBe(sent);
  });

  it('is sent with what its variables are', () => {
    expect(
      compose('plot {df}', [{ name: 'df', description: 'a table' }])
    ).toMatch(/^plot `df`\n\nVariables of the notebook .*:\n- `df`: a table$/);
  });
});

describe('readVariables', () => {
  const row = { name: 'df', description: 'a table' };
  const good = { version: 1, ticket: 't', variables: [row] };

  it('takes what the cell names, with the ticket of its run', () => {
    const more = { name: 'secret', description: 'not asked for' };
    const data = { ...good, variables: [row, more, null, { name: 'df' }] };
    expect(readVariables(data, 't', ['df'])).toEqual([row]);
  });

  it.each([
    null,
    'text',
    { ...good, ticket: 'other' },
    { ...good, ticket: undefined },
    { ...good, version: 2 }
  ])('takes nothing else: %j', data => {
    expect(readVariables(data, 't', ['df'])).toBeNull();
  });
});
