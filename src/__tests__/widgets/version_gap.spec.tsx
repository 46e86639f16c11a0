import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';
import { createRoot } from 'react-dom/client';

import { newJob, reduce } from '../../model/job';
import { Result } from '../../widgets/progress';
import { VersionGaps } from '../../widgets/version_gap';
import type { VersionGap } from '../../wire/schema';
import { DONE, GENERATOR, close, open, script } from '../fakes/script';

const trans = nullTranslator.load('gptoss_lab');
const MESSAGE =
  'The documentation of pandas is of version 1.5, and 3.0 is installed.';
const GAP: VersionGap = {
  corpus: 'pandas-1',
  source: 'pandas 1.5 documentation',
  package: 'pandas',
  documented: '1.5.3',
  installed: '3.0.1',
  message: MESSAGE,
  differences: [
    {
      name: 'pandas.DataFrame.append',
      kind: 'removed',
      parameter: '',
      instead: 'pandas.concat',
      sure: true
    },
    {
      name: 'pandas.DataFrame.iteritems',
      kind: 'renamed',
      parameter: '',
      instead: 'pandas.DataFrame.items',
      sure: false
    },
    {
      name: 'pandas.read_csv',
      kind: 'parameter',
      parameter: 'squeeze',
      instead: '',
      sure: true
    }
  ]
};
const EVENTS = script(
  { type: 'version_gap', gap: GAP },
  { type: 'warning', message: MESSAGE, hint: 'What is installed goes first.' },
  { type: 'warning', message: 'Another one.', hint: '' },
  GENERATOR,
  open('a', 0),
  close('a', 'x'),
  DONE
);

function show(element: JSX.Element): HTMLElement {
  const node = document.body.appendChild(document.createElement('div'));
  act(() => createRoot(node).render(element));
  return node;
}

describe('documentation of another version', () => {
  it('says which, and what took the place of what is gone', () => {
    const node = show(<VersionGaps gaps={[GAP]} trans={trans} />);
    const text = node.textContent ?? '';
    expect(text).toContain('Another version of pandas');
    expect(text).toContain('1.5.3 pandas 1.5 documentation');
    expect(text).toContain('3.0.1 The cells go by this one.');
    const lines = [...node.querySelectorAll('li')].map(
      ({ textContent }) => textContent
    );
    expect(lines).toEqual([
      'pandas.DataFrame.append → pandas.concat',
      'pandas.DataFrame.iteritems → pandas.DataFrame.items (the nearest name)',
      'squeeze of pandas.read_csv is taken no more'
    ]);
    expect(node.querySelector('[role=img]')?.getAttribute('aria-label')).toBe(
      'use instead'
    );
  });

  it('is text, whatever a document calls itself', () => {
    const hostile = { ...GAP, source: '<img src=x>', package: '<b>x</b>' };
    const node = show(<VersionGaps gaps={[hostile]} trans={trans} />);
    expect(node.querySelector('img, b')).toBeNull();
    expect(node.textContent).toContain('<img src=x>');
  });

  it('takes the place of its warning in the panel', () => {
    const job = EVENTS.reduce(reduce, newJob('j1', 'task', true));
    expect(job.gaps).toEqual([GAP]);
    const node = show(
      <Result
        phase="done"
        job={job}
        counts={{ total: 1, pending: 0, accepted: 1, rejected: 0 }}
        attached={true}
        path="a.ipynb"
        retrying={0}
        trans={trans}
        onAcceptAll={jest.fn()}
        onRejectAll={jest.fn()}
        onNext={jest.fn()}
        onPrevious={jest.fn()}
        onInsertHere={jest.fn()}
      />
    );
    expect(node.textContent).not.toContain(MESSAGE);
    expect(node.textContent).toContain('Another one.');
    expect(node.querySelectorAll('.jp-Gptoss-gap')).toHaveLength(1);
  });

  it('is known of a job that is read again', () => {
    const again = EVENTS.slice(0, 1).reduce(
      reduce,
      EVENTS.reduce(reduce, newJob('j1', 'task', true))
    );
    expect(again.gaps).toEqual([GAP]);
  });
});
