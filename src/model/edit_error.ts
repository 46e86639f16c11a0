import { isCodeCellModel } from '@jupyterlab/cells';
import type { ICellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { IOutputModel } from '@jupyterlab/rendermime';

/**
 * How much of a traceback is sent, in characters: its beginning says where it
 * came from, its end what it was.
 */
export const MAX_ERROR_CHARS = 8000;
const HEAD_CHARS = 2000;

/**
 * How much of one is looked at.
 */
const MAX_RAW_CHARS = 100_000;

const ESC = String.fromCharCode(27);
const BEL = String.fromCharCode(7);

/**
 * Colours, cursor moves and titles of a terminal.
 *
 * Source: ECMA-48, sections 5.4 (control sequences) and 5.6 (control strings).
 */
const SEQUENCES = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)|${ESC}[@-_]`,
  'g'
);

/**
 * The errors below a cell as text, bounded; empty where there is none.
 *
 * #### Notes
 * Of the outputs only errors are read: no results, no printed text, no data.
 */
export function errorOf(cell: ICellModel): string {
  const text = errorsOf(cell)
    .map(output => tracebackOf(output.toJSON()))
    .filter(Boolean)
    .join('\n');
  return shortened(text, MAX_ERROR_CHARS);
}

/**
 * Whether there is an error below a cell.
 */
export function hasError(cell: ICellModel): boolean {
  return errorsOf(cell).length > 0;
}

/**
 * Text without what a terminal would act on.
 */
export function plain(text: string): string {
  return [...text.replace(SEQUENCES, '')]
    .filter(one => one >= ' ' || one === '\n' || one === '\t')
    .join('');
}

function tracebackOf(output: IOutput): string {
  if (output.output_type !== 'error') {
    return '';
  }
  const { traceback, ename, evalue } = output;
  const lines = Array.isArray(traceback)
    ? traceback.filter(line => typeof line === 'string')
    : [];
  const text = lines.length
    ? lines.join('\n')
    : [ename, evalue].filter(part => typeof part === 'string').join(': ');
  return plain(shortened(text, MAX_RAW_CHARS)).trim();
}

/**
 * Leave the middle out of a text that is too long.
 */
function shortened(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  const mark = '\n[…]\n';
  const tail = limit - HEAD_CHARS - mark.length;
  return `${text.slice(0, HEAD_CHARS)}${mark}${text.slice(-tail)}`;
}

function errorsOf(cell: ICellModel): IOutputModel[] {
  if (!isCodeCellModel(cell)) {
    return [];
  }
  const { outputs } = cell;
  return Array.from({ length: outputs.length }, (_, at) =>
    outputs.get(at)
  ).filter(({ type }) => type === 'error');
}
