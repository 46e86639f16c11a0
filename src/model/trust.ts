import type { ICellModel } from '@jupyterlab/cells';

import { isPending } from './provenance';

/**
 * Cells of the shared document whose outputs were trusted until they became
 * pending.
 */
const WERE_TRUSTED = new WeakSet<object>();

/**
 * Cell models that cannot be trusted while they wait for review.
 */
const HELD = new WeakSet<ICellModel>();

/**
 * Keep the outputs of a cell untrusted while it waits for review.
 *
 * #### Notes
 * "Trust notebook" and "Clear outputs" set the trust of every cell, and a cell
 * draws its outputs anew at once: what was trusted for a moment has run.
 */
export function holdTrust(cell: ICellModel): void {
  if (!HELD.has(cell)) {
    const setting = trustSetting(cell);
    Object.defineProperty(cell, 'trusted', {
      configurable: true,
      get: () => setting.get.call(cell) as boolean,
      set: (value: boolean) => setting.set.call(cell, value && !isPending(cell))
    });
    HELD.add(cell);
  }
  followTrust(cell);
}

/**
 * Bring a cell's trust in line with its review.
 *
 * #### Notes
 * An undo or redo brings the review state and the metadata back, but not what
 * the model made of them.
 */
export function followTrust(cell: ICellModel): void {
  if (isPending(cell)) {
    cell.trusted = false;
  } else if (!cell.trusted && cell.getMetadata('trusted') === true) {
    cell.trusted = true;
  }
}

/**
 * Remember that a cell of the shared document was trusted.
 */
export function noteTrust(cell: object): void {
  WERE_TRUSTED.add(cell);
}

/**
 * Whether a cell of the shared document was trusted before it was pending.
 */
export function wasTrusted(cell: object): boolean {
  return WERE_TRUSTED.has(cell);
}

function trustSetting(cell: ICellModel): {
  get: () => unknown;
  set: (value: boolean) => void;
} {
  let owner: object | null = cell;
  while (owner) {
    const { get, set } =
      Object.getOwnPropertyDescriptor(owner, 'trusted') ?? {};
    if (get && set) {
      return { get, set };
    }
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  throw new Error('This cell model has no trust to hold.');
}
