import type { Kernel } from '@jupyterlab/services';

import { VARIABLES_MIME, variablesProgram } from '../../model/kernel_programs';
import { readVariables, variablesOf } from '../../model/kernel_variables';

const ROW = { name: 'df', type: 'pandas.DataFrame', shape: [2, 1] };

/**
 * A kernel that answers with a bundle, or never where there is none.
 */
function kernel(bundle: unknown, status = 'idle') {
  const asked: { code: string; silent?: boolean; store_history?: boolean }[] =
    [];
  const future = {
    onIOPub: (_message: unknown) => undefined as void,
    done: Promise.resolve(),
    dispose: jest.fn()
  };
  const requestExecute = (content: (typeof asked)[0]) => {
    asked.push(content);
    future.done =
      bundle === undefined
        ? new Promise(() => undefined)
        : Promise.resolve().then(() => {
            future.onIOPub({
              header: { msg_type: 'display_data' },
              content: { data: { [VARIABLES_MIME]: bundle } }
            });
          });
    return future;
  };
  const fake = { status, isDisposed: false, requestExecute };
  return {
    kernel: fake as unknown as Kernel.IKernelConnection,
    asked,
    future
  };
}

describe('variablesOf', () => {
  it.each([
    ['an object', { variables: [ROW] }],
    ['a text', JSON.stringify({ variables: [ROW] })]
  ])('reads %s, asked in silence', async (_, bundle) => {
    const one = kernel(bundle);
    const told = await variablesOf(one.kernel, 'python', 'types');
    expect(told).toEqual([{ ...ROW, columns: [] }]);
    expect(one.asked[0]).toMatchObject({ silent: true, store_history: false });
    expect(one.asked[0]?.code).toContain('tell(space, False)');
    expect(one.future.dispose).toHaveBeenCalled();
  });

  it.each([
    ['off', 'python', 'idle'],
    ['types', 'julia', 'idle'],
    ['types', 'python', 'busy']
  ] as const)('asks nothing at %s of %s (%s)', async (...given) => {
    const [detail, language, status] = given;
    const one = kernel({ variables: [ROW] }, status);
    expect(await variablesOf(one.kernel, language, detail)).toEqual([]);
    expect(one.asked).toEqual([]);
  });

  it('does not wait for long', async () => {
    jest.useFakeTimers();
    const one = kernel(undefined);
    const told = variablesOf(one.kernel, 'R', 'columns');
    await jest.advanceTimersByTimeAsync(1600);
    expect(await told).toEqual([]);
    expect(one.asked[0]?.code).toContain('if (TRUE && table)');
    jest.useRealTimers();
  });
});

describe('readVariables', () => {
  it.each([null, 7, {}, { variables: 'x' }, { variables: [null, 1, {}] }])(
    'takes nothing from %j',
    told => {
      expect(readVariables(told)).toEqual([]);
    }
  );

  it('bounds what it takes, and drops what does not belong', () => {
    const column = { name: 'c'.repeat(999), type: 3, value: 'secret' };
    const row = {
      name: 'n'.repeat(999),
      type: 't'.repeat(999),
      shape: [1, -1, 'x', 2.5],
      columns: Array.from({ length: 99 }, () => column),
      value: 'secret'
    };
    const told = readVariables({
      variables: Array.from({ length: 999 }, () => row)
    });
    expect(told).toHaveLength(200);
    expect(told[0]?.shape).toEqual([1]);
    expect(told[0]?.columns).toHaveLength(60);
    expect(told[0]?.columns?.[0]).toEqual({ name: 'c'.repeat(200), type: '' });
    expect(told[0]?.name).toHaveLength(200);
    expect(JSON.stringify(told)).not.toContain('secret');
  });
});

describe('variablesProgram', () => {
  it('knows Python and R alone', () => {
    expect(variablesProgram('Python', true)).toContain('tell(space, True)');
    expect(variablesProgram('R', false)).toContain('if (FALSE && table)');
    expect(variablesProgram('julia', true)).toBeNull();
  });
});
