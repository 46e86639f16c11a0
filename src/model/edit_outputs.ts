import type { IOutput } from '@jupyterlab/nbformat';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { ExecutionEvent } from '../wire/schema';

/**
 * An output, and the name under which it may be replaced; empty for none.
 */
export interface INamedOutput {
  readonly output: IOutput;
  readonly display: string;
}

/**
 * The outputs of one cell as its events build them up.
 */
export interface IOutputs {
  readonly list: readonly INamedOutput[];

  /**
   * Whether the next output clears those before it.
   */
  readonly clearing: boolean;
}

export const NO_OUTPUTS: IOutputs = { list: [], clearing: false };

/**
 * Return the outputs after an event of their cell. Pure.
 */
export function takeOutput(known: IOutputs, event: ExecutionEvent): IOutputs {
  switch (event.type) {
    case 'cell_start':
      return NO_OUTPUTS;
    case 'clear_output':
      return event.wait ? { ...known, clearing: true } : NO_OUTPUTS;
    case 'stdout':
    case 'stderr':
      return written(known, event.type, event.text);
    case 'update_display':
      return {
        ...known,
        list: known.list.map(one =>
          one.display === event.display ? { ...one, output: shown(event) } : one
        )
      };
    case 'result':
    case 'display':
      return added(known, {
        output: shown(event),
        display: event.type === 'display' ? event.display : ''
      });
    case 'error':
      return added(known, {
        output: {
          output_type: 'error',
          ename: event.ename,
          evalue: event.evalue,
          traceback: [...event.traceback]
        },
        display: ''
      });
    default:
      return known;
  }
}

function written(
  known: IOutputs,
  name: 'stdout' | 'stderr',
  text: string
): IOutputs {
  const last = known.clearing ? undefined : known.list[known.list.length - 1];
  if (last?.output.output_type === 'stream' && last.output.name === name) {
    const output = {
      ...last.output,
      text: `${String(last.output.text)}${text}`
    };
    return {
      ...known,
      list: [...known.list.slice(0, -1), { ...last, output }]
    };
  }
  return added(known, {
    output: { output_type: 'stream', name, text },
    display: ''
  });
}

function added(known: IOutputs, one: INamedOutput): IOutputs {
  return {
    list: known.clearing ? [one] : [...known.list, one],
    clearing: false
  };
}

/**
 * The sandbox's count is not that of the person's kernel: all is displayed.
 */
function shown(event: { data: object; metadata: object }): IOutput {
  return {
    output_type: 'display_data',
    data: event.data as PartialJSONObject,
    metadata: event.metadata as PartialJSONObject
  } as IOutput;
}
