import { SandboxPreview } from '../../model/edit_preview';
import type { Problem } from '../../wire/schema';
import { FakeExecution, START, cellEnd, end, raised } from '../fakes/execution';
import { problem } from '../fakes/sandboxes';

function house(refusal: Problem | null = null) {
  const api = new FakeExecution();
  const preview = new SandboxPreview({
    api,
    run: () => ({ sources: ['df = 1', 'df'], above: 1 }),
    language: 'r',
    data: () => ['work'],
    refusal: async () => refusal
  });
  return { api, preview };
}

describe('SandboxPreview', () => {
  it('runs the cells above and this one, and shows only this one', async () => {
    const { api, preview } = house();
    const done = preview.start();
    expect(preview.phase).toBe('starting');
    void preview.start();
    await api.tell(START, { type: 'cell_start', cell: 0 });
    expect(api.asked).toEqual([
      { cells: ['df = 1', 'df'], language: 'r', data: ['work'] }
    ]);
    expect([preview.phase, preview.at, preview.above]).toEqual([
      'running',
      0,
      1
    ]);
    await api.tell(
      { type: 'stdout', cell: 0, text: 'above' },
      cellEnd(0),
      { type: 'cell_start', cell: 1 },
      { type: 'stdout', cell: 1, text: 'here' },
      cellEnd(1, { duration_s: 3 }),
      end()
    );
    await done;
    expect(preview.phase).toBe('ended');
    expect(preview.outputs).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'here' }
    ]);
    expect(preview.outcome?.duration_s).toBe(3);
  });

  it('says where it failed: above, or here', async () => {
    const { api, preview } = house();
    let done = preview.start();
    await api.tell(START, raised(0), cellEnd(0, { status: 'error' }), end());
    await done;
    expect(preview.failedAbove?.ename).toBe('NameError');
    expect(preview.outputs).toEqual([]);
    done = preview.start();
    expect(preview.failedAbove).toBeNull();
    await api.tell(START, raised(1), cellEnd(1, { status: 'error' }), end());
    await done;
    expect(preview.failedAbove).toBeNull();
    expect(preview.outputs[0]?.output_type).toBe('error');
    expect(preview.outcome?.status).toBe('error');
  });

  it('does not ask where there is no sandbox', async () => {
    const { api, preview } = house(problem({ hint: 'Start Docker.' }));
    await preview.start();
    expect(api.asked).toEqual([]);
    expect([preview.phase, preview.problem?.hint]).toEqual([
      'failed',
      'Start Docker.'
    ]);
  });

  it('says why the server refused, or the sandbox broke', async () => {
    const { api, preview } = house();
    api.down = problem({ detail: 'Too many.' });
    await preview.start();
    expect(preview.problem?.detail).toBe('Too many.');
    api.down = null;
    const done = preview.start();
    expect(preview.problem).toBeNull();
    await api.tell(START, end({ problem: problem({ detail: 'Lost.' }) }));
    await done;
    expect([preview.phase, preview.problem?.detail]).toEqual([
      'failed',
      'Lost.'
    ]);
  });

  it('keeps what the check says of this cell', async () => {
    const { api, preview } = house();
    const done = preview.start();
    const finding = {
      check: 'packages' as const,
      severity: 'error' as const,
      cell: '',
      line: 0,
      symbol: 'x',
      message: 'x is not there',
      suggestions: [],
      evidence: [],
      need: null
    };
    await api.tell(
      { type: 'finding', cell: 0, finding },
      { type: 'finding', cell: 1, finding },
      end()
    );
    await done;
    expect(preview.findings).toEqual([finding]);
  });

  it('stops when it is asked to, and when nobody looks any more', async () => {
    const { api, preview } = house();
    void preview.start();
    void preview.stop();
    await api.tell(START);
    expect(api.cancelled).toEqual(['x1']);
    preview.dispose();
    await api.tell();
    expect(api.cancelled).toEqual(['x1', 'x1']);
    expect(preview.isDisposed).toBe(true);
  });
});
