/**
 * React speaks of an environment for `act`, and complains where there is none. JupyterLab draws outside of
 * `act`, which would bring complaints, too: so there is one as long as an `act` lasts.
 *
 * Source: https://react.dev/reference/react/act#error-the-current-testing-environment-is-not-configured-to-support-act
 */
import * as React from 'react';

interface IEnvironment {
  IS_REACT_ACT_ENVIRONMENT?: boolean;
}

const environment = globalThis as IEnvironment;
const act = React.act as (work: () => unknown) => unknown;

function within(work: () => unknown): unknown {
  const before = environment.IS_REACT_ACT_ENVIRONMENT;
  const leave = () => {
    environment.IS_REACT_ACT_ENVIRONMENT = before;
  };
  environment.IS_REACT_ACT_ENVIRONMENT = true;
  try {
    const result = act(work);
    if (result instanceof Object && 'then' in result) {
      return Promise.resolve(result as PromiseLike<unknown>).finally(leave);
    }
    leave();
    return result;
  } catch (error) {
    leave();
    throw error;
  }
}

Object.assign(jest.requireActual<object>('react'), { act: within });
