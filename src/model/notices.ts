import type { TranslationBundle } from '@jupyterlab/translation';

import { asProblem } from '../request';
import type { Problem } from '../wire/schema';
import type { INotice, Reason } from './writer_target';

/**
 * Say to the person what could not be written as it was meant.
 */
export function noticeText(
  { what, why, line }: INotice,
  trans: TranslationBundle
): { message: string; hint: string } {
  if (what === 'cut') {
    return {
      message: trans.__(
        'You edited “%1” while it was being written: your text is kept, the rest was left out.',
        line
      ),
      hint: trans.__('Redo the cell to get the whole of it.')
    };
  }
  const reason = reasonText(why, trans);
  return what === 'deleted'
    ? {
        message: trans.__('A cell was to be deleted, but %1.', reason),
        hint: trans.__('It stays as it is.')
      }
    : {
        message: trans.__('A cell was to be changed, but %1.', reason),
        hint: trans.__('The new text is in a cell of its own: “%1”.', line)
      };
}

/**
 * The notebook cannot be written to, so nothing is asked for.
 */
export function readOnlyProblem(
  path: string,
  trans: TranslationBundle
): Problem {
  return {
    ...NO_ANSWER,
    code: 'read_only',
    title: trans.__('The notebook is read-only'),
    detail: trans.__('The notebook %1 is read-only.', path),
    hint: trans.__(
      'Nothing was sent to the model. Save the notebook under another name, then ask again there.'
    )
  };
}

/**
 * The server does not know the job any more.
 */
export function forgottenProblem(trans: TranslationBundle): Problem {
  return {
    ...NO_ANSWER,
    status: 404,
    code: 'forgotten',
    title: trans.__('The server was started anew'),
    detail: trans.__('The server was started anew and has lost this job.'),
    hint: trans.__(
      'The cells that were written stay in the notebook. Ask again for the rest.'
    )
  };
}

/**
 * The machine has no network, and the server is not on it.
 */
export function offlineProblem(trans: TranslationBundle): Problem {
  return {
    ...NO_ANSWER,
    code: 'offline',
    title: trans.__('You are offline'),
    detail: trans.__(
      'This browser is offline, and the server is out of reach.'
    ),
    hint: trans.__('Nothing was started. Ask again when you are back online.')
  };
}

/**
 * Why nothing was started.
 */
export function startProblem(
  reason: unknown,
  trans: TranslationBundle
): Problem {
  const problem = asProblem(reason);
  const offline = problem.code === 'unreachable' && !navigator.onLine;
  return offline ? offlineProblem(trans) : problem;
}

const NO_ANSWER = { type: 'about:blank', status: 0 };

function reasonText(why: Reason, trans: TranslationBundle): string {
  switch (why) {
    case 'gone':
      return trans.__('it is not there any more');
    case 'edited':
      return trans.__('you have edited it meanwhile');
    case 'locked':
      return trans.__('it is locked');
    case 'other-kind':
      return trans.__('it is of another type');
    default:
      return trans.__('it was not part of what you asked about');
  }
}
