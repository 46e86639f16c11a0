import { requestOf } from '../../model/ask';
import { newJob, reduce } from '../../model/job';
import { acceptCells, pendingCells } from '../../model/review';
import { CellWriter } from '../../model/writer';
import { sentCells } from '../../model/writer_target';
import type { Event } from '../../wire/schema';
import { notebook, reviews, texts } from '../fakes/notebook';
import { DONE, GENERATOR, close, open, script } from '../fakes/script';

const MAGIC = '%%gptoss --replace\nmean';

function house() {
  const model = notebook('a = 1', MAGIC, 'b = 2');
  const cell = model.sharedModel.cells[1]?.getId() ?? '';
  const replaces = { cell, source: MAGIC };
  const writer = new CellWriter({
    model,
    after: cell,
    sent: sentCells(null, replaces)
  });
  const write = (events: Event[]): void => {
    let job = newJob('j1', 'mean', true, replaces);
    for (const event of events) {
      job = reduce(job, event);
      writer.apply(job);
    }
  };
  return { model, write, replaces };
}

describe('a cell that is replaced', () => {
  it('waits to go beside the new ones, and goes when all are accepted', () => {
    const { model, write } = house();
    write(script(GENERATOR, open('c1', 0), close('c1', 'mean(a)')));
    expect(reviews(model)).toEqual(['', '', 'pending', '']);
    const again = house();
    again.write(script(GENERATOR, open('c1', 0), close('c1', 'mean(a)'), DONE));
    expect(texts(again.model)).toEqual(['a = 1', MAGIC, 'mean(a)', 'b = 2']);
    expect(reviews(again.model)).toEqual(['', 'pending', 'pending', '']);
    acceptCells(again.model, pendingCells(again.model));
    expect(texts(again.model)).toEqual(['a = 1', 'mean(a)', 'b = 2']);
  });

  it('stays where nothing came, or it was stopped', () => {
    const nothing = house();
    nothing.write(script(GENERATOR, DONE));
    expect(reviews(nothing.model)).toEqual(['', '', '']);
    const stopped = house();
    stopped.write(
      script(GENERATOR, open('c1', 0), close('c1', 'x'), {
        ...DONE,
        state: 'cancelled'
      } as typeof DONE)
    );
    expect(reviews(stopped.model)).toEqual(['', '', 'pending', '']);
  });

  it('stays where the person has edited it meanwhile', () => {
    const { model, write } = house();
    model.sharedModel.cells[1]?.setSource('%%gptoss\nanother');
    write(script(GENERATOR, open('c1', 0), close('c1', 'x'), DONE));
    expect(reviews(model)).toEqual(['', '', 'pending', '']);
  });

  it('is the page’s own affair: the server is not told', () => {
    const { model, replaces } = house();
    const ask = {
      task: 'mean',
      sources: [],
      units: [],
      language: 'python' as const,
      effort: null,
      verify: true,
      data: [],
      replaces
    };
    const target = {
      path: 'a',
      model,
      after: null,
      context: [],
      readOnly: false
    };
    expect(requestOf(ask, target)).not.toHaveProperty('replaces');
  });
});
