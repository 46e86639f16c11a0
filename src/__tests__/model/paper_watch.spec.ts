import { notePaper } from '../../model/paper_notes';
import { UNTOLD } from '../../model/paper_state';
import { PaperWatch } from '../../model/paper_watch';
import type { IFrontTracker } from '../../model/paper_watch';
import { notebook } from '../fakes/notebook';
import { claim, paper } from '../fakes/paper';
import { FakeTracker } from '../fakes/tracker';

const STATE = { ...UNTOLD, paper: paper(), claims: [claim('k1')] };

function watch() {
  const tracker = new FakeTracker();
  const watching = new PaperWatch(tracker as unknown as IFrontTracker);
  const changed = jest.fn();
  watching.changed.connect(changed);
  return { tracker, watching, changed };
}

describe('PaperWatch', () => {
  it('follows the notebook in front', () => {
    const { tracker, watching } = watch();
    expect(watching.noted).toBeNull();
    const noted = notebook('x = 1');
    notePaper(noted.sharedModel, STATE);
    const a = tracker.add('a.ipynb', noted);
    const b = tracker.add('b.ipynb', notebook('y = 1'));
    a.front();
    expect(watching.noted?.claims).toHaveLength(1);
    b.front();
    expect(watching.noted).toBeNull();
  });

  it('follows what is noted there, and nowhere else', () => {
    const { tracker, watching, changed } = watch();
    const front = notebook('x = 1');
    const other = notebook('y = 1');
    tracker.add('a.ipynb', other).front();
    tracker.add('b.ipynb', front).front();
    notePaper(other.sharedModel, STATE);
    expect(changed).not.toHaveBeenCalled();
    notePaper(front.sharedModel, STATE);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(watching.noted?.claims[0]?.id).toBe('k1');
    const next = { ...STATE, claims: [claim('k1', { state: 'differs' })] };
    notePaper(front.sharedModel, next);
    expect(watching.noted?.claims[0]?.state).toBe('differs');
  });
});
