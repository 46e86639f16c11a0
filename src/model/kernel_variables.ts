import type { Kernel, KernelMessage } from '@jupyterlab/services';

import type { VariableDetail } from '../tokens';
import type { NotebookVariable } from '../wire/schema';
import { VARIABLES_MIME, variablesProgram } from './kernel_programs';
import { isObject } from './provenance';

/**
 * How long a kernel may take to answer, in milliseconds.
 */
const TIMEOUT_MS = 1500;
const MAX_VARIABLES = 200;
const MAX_COLUMNS = 60;
const MAX_NAME_CHARS = 200;
const MAX_TYPE_CHARS = 300;

/**
 * Ask a kernel what its variables are. One that is busy is not waited for.
 *
 * #### Notes
 * The question is silent: it has no number and no place in the history.
 */
export async function variablesOf(
  kernel: Kernel.IKernelConnection,
  language: string,
  detail: VariableDetail
): Promise<NotebookVariable[]> {
  const code =
    detail === 'off' ? null : variablesProgram(language, detail === 'columns');
  if (code === null || kernel.isDisposed || kernel.status !== 'idle') {
    return [];
  }
  const future = kernel.requestExecute({
    code,
    silent: true,
    store_history: false,
    stop_on_error: false,
    allow_stdin: false
  });
  let told: unknown;
  future.onIOPub = message => {
    told = bundleOf(message) ?? told;
  };
  let timer = 0;
  const late = new Promise<null>(resolve => {
    timer = window.setTimeout(() => resolve(null), TIMEOUT_MS);
  });
  try {
    await Promise.race([future.done, late]);
  } catch {
    // A kernel that ends or is restarted tells nothing.
    return [];
  } finally {
    window.clearTimeout(timer);
    future.dispose();
  }
  return readVariables(told);
}

/**
 * Take what a kernel says for what it may be: a bounded list of descriptions.
 */
export function readVariables(told: unknown): NotebookVariable[] {
  const rows = isObject(told) ? told.variables : undefined;
  return (Array.isArray(rows) ? rows : [])
    .slice(0, MAX_VARIABLES)
    .flatMap(readVariable);
}

function readVariable(row: unknown): NotebookVariable[] {
  if (!isObject(row) || typeof row.name !== 'string' || row.name === '') {
    return [];
  }
  const shape = Array.isArray(row.shape) ? row.shape : [];
  const columns = Array.isArray(row.columns) ? row.columns : [];
  return [
    {
      name: row.name.slice(0, MAX_NAME_CHARS),
      type: text(row.type, MAX_TYPE_CHARS),
      shape: shape
        .filter(size => Number.isSafeInteger(size) && size >= 0)
        .slice(0, 16),
      columns: columns
        .filter(isObject)
        .slice(0, MAX_COLUMNS)
        .map(({ name, type }) => ({
          name: text(name, MAX_NAME_CHARS),
          type: text(type, MAX_NAME_CHARS)
        }))
    }
  ];
}

function text(value: unknown, most: number): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

function bundleOf(message: KernelMessage.IIOPubMessage): unknown {
  if (message.header.msg_type !== 'display_data') {
    return undefined;
  }
  const { data } = message.content as KernelMessage.IDisplayDataMsg['content'];
  const bundle: unknown = data[VARIABLES_MIME];
  if (typeof bundle !== 'string') {
    return bundle;
  }
  try {
    return JSON.parse(bundle) as unknown;
  } catch {
    return undefined;
  }
}
