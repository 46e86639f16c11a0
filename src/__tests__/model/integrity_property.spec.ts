import type { YNotebook } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';

import { NotebookIntegrity } from '../../model/integrity';
import { ReviewWatch } from '../../model/pending';
import { KEY, isPending, readProvenance } from '../../model/provenance';
import { acceptCells, pendingCells, rejectCells } from '../../model/review';
import { changeType, copy, merge, paste, split } from '../fakes/actions';
import { notebook, texts } from '../fakes/notebook';

const RUNS = 30;
const STEPS = 40;

/**
 * Draws the same numbers for the same seed (mulberry32).
 */
function lots(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * A notebook of own, new, changed and deleted cells. What was generated is
 * called `gen_…`, what was there `own_…`.
 */
function open(): INotebookModel {
  const model = notebook(
    'own_a()\nown_b()',
    'gen_a()\ngen_b()',
    'own_c()\ngen_c()\nown_d()',
    'own_e()',
    'own_f()'
  );
  const provenance = [
    null,
    { change: 'new' },
    { change: 'changed', original: 'own_c()\nown_old()\nown_d()' },
    { change: 'deleted', original: 'own_e()' },
    null
  ];
  model.sharedModel.cells.forEach((cell, index) => {
    const members = provenance[index];
    if (members) {
      cell.setMetadata(KEY, {
        review: 'pending',
        job: 'j',
        cell: `c${index}`,
        ...members
      });
    }
  });
  model.sharedModel.clearUndoHistory();
  NotebookIntegrity.of(model.sharedModel as YNotebook);
  new ReviewWatch(model);
  return model;
}

/**
 * Do one thing that a person does, drawn by lot, and say what it was.
 */
function act(model: INotebookModel, draw: (below: number) => number): string {
  const { sharedModel } = model;
  const count = sharedModel.cells.length;
  const index = draw(count);
  const cell = sharedModel.getCell(index);
  const length = cell.getSource().length;
  const kind = draw(11);
  switch (kind) {
    case 0: {
      const at = draw(length + 1);
      split(model, index, at);
      return `split ${index} at ${at}`;
    }
    case 1:
    case 2: {
      if (index === count - 1) {
        return 'nothing';
      }
      const active = index + draw(2);
      merge(model, index, index + 1, active, kind === 1 ? '\n\n' : '\n');
      return `merge ${index} into ${active}`;
    }
    case 3: {
      const to = draw(count);
      sharedModel.moveCell(index, to);
      return `move ${index} to ${to}`;
    }
    case 4: {
      const type = (['code', 'markdown', 'raw'] as const)[draw(3)] ?? 'code';
      if (cell.cell_type !== type) {
        changeType(model, index, type);
      }
      return `${index} as ${type}`;
    }
    case 5:
      paste(model, copy(model, index), draw(count + 1));
      return `copy ${index}`;
    case 6: {
      const cut = copy(model, index);
      sharedModel.deleteCell(index);
      paste(model, cut, draw(count), true);
      return `cut ${index}`;
    }
    case 7:
      cell.updateSource(draw(length + 1), length, draw(2) ? '' : 'own_x()');
      return `type into ${index}`;
    case 8:
      cell.undo();
      return `undo in ${index}`;
    case 9:
      sharedModel.undo();
      return 'undo';
    default:
      sharedModel.redo();
      return 'redo';
  }
}

/**
 * Text of a generated cell in one that may run, or that becomes one.
 */
function leaks(model: INotebookModel): string[] {
  return Array.from(model.cells)
    .filter(cell => !isPending(cell))
    .map(cell => cell.sharedModel.getSource())
    .filter(text => text.includes('gen_'));
}

function trusted(model: INotebookModel): number {
  return Array.from(model.cells).filter(
    cell =>
      isPending(cell) && (cell.trusted || cell.getMetadata('trusted') === true)
  ).length;
}

describe('whatever a person does to the cells', () => {
  it.each(Array.from({ length: RUNS }, (_, seed) => seed))(
    'no unreviewed text is in a cell that may run (%i)',
    seed => {
      const draw = lots(seed);
      const model = open();
      const done: string[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        if (draw(4)) {
          (model.sharedModel as YNotebook).undoManager.stopCapturing();
        }
        done.push(act(model, draw));
        expect({ done, leaks: leaks(model), trusted: trusted(model) }).toEqual({
          done,
          leaks: [],
          trusted: 0
        });
      }
      rejectCells(model, pendingCells(model));
      expect({ done, left: texts(model).join('\n') }).toEqual({
        done,
        left: expect.not.stringContaining('gen_') as string
      });
    }
  );

  it.each(Array.from({ length: RUNS }, (_, seed) => seed + 1000))(
    'splits, merges and moves are rejected to the old text, once (%i)',
    seed => {
      const draw = lots(seed);
      const model = open();
      for (let step = 0; step < 12; step += 1) {
        (model.sharedModel as YNotebook).undoManager.stopCapturing();
        structure(model, draw);
      }
      rejectCells(model, pendingCells(model));
      const words =
        texts(model)
          .join('\n')
          .match(/\w+\(\)/g) ?? [];
      expect([...words].sort()).toEqual([
        'own_a()',
        'own_b()',
        'own_c()',
        'own_d()',
        'own_e()',
        'own_f()',
        'own_old()'
      ]);
    }
  );

  it.each(Array.from({ length: RUNS / 2 }, (_, seed) => seed + 2000))(
    'what was decided and taken back waits again (%i)',
    seed => {
      const draw = lots(seed);
      const model = open();
      const done: string[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        (model.sharedModel as YNotebook).undoManager.stopCapturing();
        const pending = pendingCells(model);
        const chosen = pending[draw(pending.length + 1)];
        const lot = draw(3);
        if (chosen && lot === 0) {
          rejectCells(model, [chosen]);
          model.sharedModel.undo();
          done.push('reject, undo');
        } else if (chosen && lot === 1) {
          done.push(`accept ${chosen.sharedModel.getSource()}, undo, redo`);
          acceptCells(model, [chosen]);
          model.sharedModel.undo();
          const cell = chosen.sharedModel;
          const news = `gen_${step}()\n`;
          cell.transact(() => cell.updateSource(0, 0, news), false);
          model.sharedModel.redo();
        } else {
          done.push(act(model, draw));
        }
        expect({ done, leaks: leaks(model) }).toEqual({ done, leaks: [] });
      }
    }
  );
});

function structure(
  model: INotebookModel,
  draw: (below: number) => number
): void {
  const count = model.sharedModel.cells.length;
  const index = draw(count);
  const text = model.sharedModel.getCell(index).getSource();
  const rows = text.split('\n');
  const kind = draw(3);
  if (kind === 0) {
    split(model, index, rows.slice(0, draw(rows.length + 1)).join('\n').length);
  } else if (kind === 1 && index < count - 1) {
    merge(model, index, index + 1, index + draw(2), '\n');
  } else {
    model.sharedModel.moveCell(index, draw(count));
  }
  expect(provenances(model)).not.toContain(undefined);
}

function provenances(model: INotebookModel): (string | undefined)[] {
  return Array.from(model.cells).map(cell =>
    isPending(cell) ? readProvenance(cell)?.change : 'own'
  );
}
