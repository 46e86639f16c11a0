import { newJob, reduce } from '../../model/job';
import { needsOf, needsOfDrafts, offered } from '../../model/needs';
import { lacks } from '../fakes/additions';
import { GENERATOR, close, open, script } from '../fakes/script';

describe('what cells lack', () => {
  it('is each package once, in the order in which they ask', () => {
    const found = [
      lacks('a', 'polars'),
      { ...lacks('a', 'x'), need: null },
      lacks('b', 'networkx'),
      lacks('b', 'polars')
    ];
    expect(needsOf(found).map(({ name }) => name)).toEqual([
      'polars',
      'networkx'
    ]);
  });

  it('offers no more than may be added', () => {
    const needs = needsOf([
      lacks('a', 'polars'),
      lacks('a', 'pandsa', { addable: false, reason: 'like pandas' })
    ]);
    expect(offered(needs).map(({ name }) => name)).toEqual(['polars']);
  });

  it('does not count cells that fell away', () => {
    const events = script(
      GENERATOR,
      open('a', 0),
      close('a', ''),
      { type: 'finding', finding: lacks('a', 'polars') },
      open('b', 1),
      close('b', 'x'),
      { type: 'finding', finding: lacks('b', 'networkx') }
    );
    const job = events.reduce(reduce, newJob('j1', 'task', true));
    expect(needsOfDrafts(job.drafts).map(({ name }) => name)).toEqual([
      'networkx'
    ]);
  });
});
