import { newJob, proven, reduce } from '../../model/job';
import { noteProven } from '../../model/proven';
import { acceptCells, pendingCells } from '../../model/review';
import { CellWriter } from '../../model/writer';
import type { Environment } from '../../wire/schema';
import { lacks } from '../fakes/additions';
import { notebook } from '../fakes/notebook';
import {
  DONE,
  GENERATOR,
  close,
  open,
  script,
  verified
} from '../fakes/script';
import { noteOf, stream } from '../fakes/writer';

const FIRST = script(
  GENERATOR,
  open('a', 0),
  close('a', 'import polars'),
  open('b', 1),
  close('b', 'y = 2'),
  { type: 'finding', finding: lacks('a', 'polars') },
  DONE
);
const ENVIRONMENT: Environment = {
  runtime: 'docker',
  image: 'python-1',
  tag: 'new',
  language_version: '3.13',
  lock_sha256: '',
  packages: { polars: '1.0' }
};
const AGAIN = script(
  GENERATOR,
  open('a', 0),
  close('a', 'import polars'),
  open('b', 1),
  close('b', 'y = 2'),
  verified('a'),
  { type: 'environment', environment: ENVIRONMENT },
  verified('b'),
  DONE
).reduce(reduce, newJob('j2', 'polars', true));

function generated() {
  const model = notebook();
  const job = stream(new CellWriter({ model, after: null }), FIRST);
  return { model, job };
}

describe('cells that were run again', () => {
  it('lose what was found of them and get how they did', () => {
    const { model } = generated();
    expect(noteOf(model, 0)?.checks).toHaveLength(1);
    expect(noteProven(model, 'j1', AGAIN)).toBe(2);
    expect(noteOf(model, 0)).toMatchObject({
      review: 'pending',
      job: 'j1',
      checks: [],
      verification: { status: 'ok', image: 'python-1' }
    });
    const ours = model.sharedModel.getMetadata('gptoss_lab');
    expect(ours).toMatchObject({ environments: { 'python-1': ENVIRONMENT } });
  });

  it('keep what was decided, which can still be undone', () => {
    const { model } = generated();
    acceptCells(model, pendingCells(model));
    noteProven(model, 'j1', AGAIN);
    expect(noteOf(model, 0)).toMatchObject({
      review: 'accepted',
      verification: { status: 'ok' }
    });
    model.sharedModel.undo();
    model.sharedModel.undo();
    expect(noteOf(model, 0)?.review).toBe('pending');
  });

  it('are left alone where the person has edited them, or they are of another job', () => {
    const { model } = generated();
    model.sharedModel.cells[0]?.setSource('import polars as pl');
    expect(noteProven(model, 'j1', AGAIN)).toBe(1);
    expect(noteOf(model, 0)?.checks).toHaveLength(1);
    expect(noteProven(model, 'other', AGAIN)).toBe(0);
  });

  it('are told to the job in the panel', () => {
    const { job } = generated();
    const now = proven(job, AGAIN);
    expect(now.drafts.map(({ findings }) => findings.length)).toEqual([0, 0]);
    expect(now.environment).toEqual(ENVIRONMENT);
    const other = {
      ...job,
      drafts: job.drafts.map(draft => ({ ...draft, source: 'other' }))
    };
    expect(proven(other, AGAIN).drafts[0]?.findings).toHaveLength(1);
  });
});
