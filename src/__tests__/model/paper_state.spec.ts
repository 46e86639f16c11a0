import { fromResponse, newJob, reduce } from '../../model/job';
import { onlyText } from '../../model/facts';
import { claim, paper, told, unit } from '../fakes/paper';
import { script } from '../fakes/script';
import { summary } from '../fakes/summary';

const START = newJob('j1', 't', true);

describe('the paper of a job', () => {
  it('is none before it is told', () => {
    expect(START.paper).toBeNull();
  });

  it('takes units and claims in the order of their first telling', () => {
    const { paper: state } = script(
      told(),
      { type: 'unit', unit: unit('u1') },
      { type: 'unit', unit: unit('u2', { status: 'unresolved' }) },
      { type: 'claim', claim: claim('k1') },
      { type: 'unit', unit: unit('u1', { owner: 'cell-1' }) },
      { type: 'claim', claim: claim('k1', { state: 'verified' }) },
      told({ scope: ['c1'], missing: ['Figure 2: no code.'] })
    ).reduce(reduce, START);
    expect(state?.units.map(({ id, owner }) => [id, owner])).toEqual([
      ['u1', 'cell-1'],
      ['u2', '']
    ]);
    expect(state?.claims.map(one => one.state)).toEqual(['verified']);
    expect(state).toMatchObject({
      paper: { title: paper().title },
      scope: ['c1'],
      missing: ['Figure 2: no code.']
    });
  });

  it('loses no unit that comes before it', () => {
    const job = script({ type: 'unit', unit: unit('u1') }, told()).reduce(
      reduce,
      START
    );
    expect(job.paper?.units).toHaveLength(1);
    expect(job.paper?.paper?.id).toBe('p1');
  });

  it('is news to the panel', () => {
    const job = script({ type: 'claim', claim: claim('k1') }).reduce(
      reduce,
      START
    );
    expect(onlyText(START, job)).toBe(false);
  });

  it('comes back with the summary of the server', () => {
    const report = {
      paper: paper(),
      scope: ['c1'],
      units: [unit('u1')],
      claims: [claim('k1')],
      config: [],
      assumptions: ['n is 10'],
      missing: []
    };
    const job = fromResponse({ ...summary('done'), paper: report });
    expect(job.paper).toEqual(report);
  });
});
