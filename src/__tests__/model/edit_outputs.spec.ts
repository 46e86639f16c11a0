import { NO_OUTPUTS, takeOutput } from '../../model/edit_outputs';
import type { ExecutionEvent } from '../../wire/schema';

function outputs(...events: object[]) {
  return events
    .map(event => ({ cell: 1, seq: 1, job: 'x', t: 0, ...event }))
    .reduce(
      (known, event) => takeOutput(known, event as ExecutionEvent),
      NO_OUTPUTS
    )
    .list.map(({ output }) => output);
}

const show = (text: string, display = '') => ({
  type: 'display',
  data: { 'text/plain': text },
  metadata: {},
  display
});

describe('takeOutput', () => {
  it('joins text that is written to the same stream', () => {
    expect(
      outputs(
        { type: 'stdout', text: 'a' },
        { type: 'stdout', text: 'b\n' },
        { type: 'stderr', text: 'c' },
        { type: 'stdout', text: 'd' }
      )
    ).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'ab\n' },
      { output_type: 'stream', name: 'stderr', text: 'c' },
      { output_type: 'stream', name: 'stdout', text: 'd' }
    ]);
  });

  it('shows results without the count of the sandbox', () => {
    const result = { ...show('2'), type: 'result', execution_count: 7 };
    expect(outputs(result)).toEqual([
      { output_type: 'display_data', data: { 'text/plain': '2' }, metadata: {} }
    ]);
  });

  it('replaces what has the same name, and only that', () => {
    const data = outputs(show('1', 'a'), show('2', 'b'), {
      ...show('3', 'a'),
      type: 'update_display'
    }).map(output => output.data);
    expect(data).toEqual([{ 'text/plain': '3' }, { 'text/plain': '2' }]);
  });

  it('clears at once, or when something follows', () => {
    const clear = { type: 'clear_output', wait: true };
    expect(outputs(show('1'), clear)).toHaveLength(1);
    expect(outputs(show('1'), clear, show('2'))).toHaveLength(1);
    expect(
      outputs({ type: 'stdout', text: 'a' }, clear, {
        type: 'stdout',
        text: 'b'
      })
    ).toEqual([{ output_type: 'stream', name: 'stdout', text: 'b' }]);
    expect(outputs(show('1'), { ...clear, wait: false })).toEqual([]);
    expect(outputs(show('1'), { type: 'cell_start' })).toEqual([]);
  });
});
