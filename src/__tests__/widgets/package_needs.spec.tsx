import { nullTranslator } from '@jupyterlab/translation';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { act } from 'react';

import { newJob, reduce } from '../../model/job';
import type { IJob } from '../../tokens';
import { Needs } from '../../widgets/package_needs';
import { FakeAdditions, lacks, need } from '../fakes/additions';
import {
  DONE,
  GENERATOR,
  close,
  open,
  script,
  verified
} from '../fakes/script';

const trans = nullTranslator.load('gptoss_lab');
const LACKING = script(
  GENERATOR,
  open('a', 0),
  close('a', 'import polars'),
  { type: 'finding', finding: lacks('a', 'polars') },
  {
    type: 'finding',
    finding: lacks('a', 'pandsa', { addable: false, reason: 'Like pandas.' })
  },
  DONE
).reduce(reduce, newJob('j1', 'task', true));

function show(job: IJob | null, additions = new FakeAdditions()) {
  const node = document.body.appendChild(document.createElement('div'));
  act(() =>
    createRoot(node).render(
      <Needs job={job} additions={additions} trans={trans} />
    )
  );
  const button = (name: string) =>
    [...node.querySelectorAll('button')].find(
      one => one.textContent === name
    ) ?? null;
  return { node, additions, button };
}

describe('the packages that cells need', () => {
  it('says nothing where none is missing, or the job still runs', () => {
    expect(show(null).node.textContent).toBe('');
    expect(show({ ...LACKING, ended: false }).node.textContent).toBe('');
  });

  it('offers those that may be added, and says why others may not', () => {
    const { node, additions, button } = show(LACKING);
    expect(node.textContent).toContain(
      'The cells need polars, which the sandbox lacks.'
    );
    expect(node.textContent).toContain('pandsa');
    expect(node.textContent).toContain('Like pandas.');
    button('Add it and run again')?.click();
    expect(additions.add).toHaveBeenCalledWith('j1', [need('polars')]);
  });

  it('shows how far it is, and stops', () => {
    const additions = new FakeAdditions();
    const job = script(
      { type: 'stage', stage: 'packages', detail: '' },
      {
        type: 'progress',
        stage: 'packages',
        message: 'Downloading polars',
        done: 2,
        total: 6
      }
    ).reduce(reduce, newJob('j2', 'polars', true));
    additions.running = true;
    additions.current = { of: 'j1', packages: ['polars'], job, problem: null };
    const { node, button } = show(LACKING, additions);
    expect(node.querySelector('progress')?.value).toBe(33);
    expect(node.textContent).toContain('Downloading polars');
    expect(button('Add it and run again')).toBeNull();
    button('Stop')?.click();
    expect(additions.stop).toHaveBeenCalled();
  });

  it('says what came of it', () => {
    const additions = new FakeAdditions();
    const job = script(
      GENERATOR,
      open('a', 0),
      close('a', 'import polars'),
      verified('a'),
      DONE
    ).reduce(reduce, newJob('j2', 'polars', true));
    const addition = { of: 'j1', packages: ['polars'], problem: null };
    additions.current = { ...addition, job };
    expect(show(null, additions).node.textContent).toBe(
      'Added: polars. 1 of 1 code cell ran well.'
    );
    additions.current = {
      ...addition,
      job: { ...job, outcome: 'cancelled' }
    };
    expect(show(null, additions).node.textContent).toBe(
      'Stopped. The sandbox is as it was.'
    );
  });

  it('says why it was not added', () => {
    const additions = new FakeAdditions();
    additions.current = {
      of: 'j1',
      packages: ['polars'],
      job: null,
      problem: {
        type: 'about:blank',
        title: 'Refused',
        status: 422,
        detail: 'The index has no package polars.',
        code: 'package_refused',
        hint: 'Check the spelling.'
      }
    };
    const { node } = show(LACKING, additions);
    expect(node.querySelector('[role=alert]')?.textContent).toBe(
      'polars was not added. The index has no package polars. Check the spelling.'
    );
  });
});
