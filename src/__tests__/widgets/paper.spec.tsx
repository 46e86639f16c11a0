import { act } from 'react';

import { newJob, reduce } from '../../model/job';
import { showPanel as show } from '../fakes/panel';
import { button, write } from '../fakes/page';
import {
  FakePaperApi,
  candidate,
  claim,
  paper,
  problem,
  told,
  unit
} from '../fakes/paper';
import { DONE, script } from '../fakes/script';

const OPEN = unit('u1', {
  status: 'unresolved',
  question: 'Which optimizer?',
  answer: 'the default'
});

const CANCELLED = { ...DONE, state: 'cancelled' } as typeof DONE;

/**
 * The panel after a paper was read.
 */
async function read(...events: Parameters<typeof script>) {
  const api = new FakePaperApi();
  const shown = await show({}, {}, api);
  await act(async () => {
    await shown.desk.read('papers/lmer.pdf');
    await api.tell(...script(...events));
  });
  const box = (name: string) =>
    [...shown.panel.node.querySelectorAll('label')]
      .find(({ textContent }) => textContent?.startsWith(name))
      ?.querySelector('input');
  return { ...shown, api, box };
}

describe('the form for a paper', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('is there when one works from a paper, and only then', async () => {
    const { panel, desk, button: own } = await show();
    expect(panel.node.querySelector('#jp-Gptoss-paper')).toBeNull();
    const [docs, one] = [
      ...panel.node.querySelectorAll<HTMLInputElement>('[type=radio]')
    ];
    expect([docs?.checked, one?.checked]).toEqual([true, false]);
    act(() => one?.click());
    expect(desk.on).toBe(true);
    expect(panel.node.querySelector('#jp-Gptoss-paper')).not.toBeNull();
    expect(button(panel.node, 'Make the notebook').disabled).toBe(true);
    expect(panel.node.textContent).toContain('Give a paper first');
    act(() => docs?.click());
    expect(panel.node.querySelector('#jp-Gptoss-paper')).toBeNull();
    expect(own('Generate').disabled).toBe(true);
  });

  it('has what was typed read, and can stop', async () => {
    const api = new FakePaperApi();
    const { panel, desk } = await show({}, {}, api);
    act(() => desk.work(true));
    const field =
      panel.node.querySelector<HTMLInputElement>('#jp-Gptoss-paper');
    expect(button(panel.node, 'Read').disabled).toBe(true);
    write(field, '1406.5823');
    await act(async () => button(panel.node, 'Read').click());
    expect(api.requests[0]?.paper?.uri).toBe('arXiv:1406.5823');
    expect(field?.disabled).toBe(true);
    await act(async () => button(panel.node, 'Stop reading').click());
    expect(api.cancelled).toEqual(['j1']);
    await act(() => api.tell(...script(told(), CANCELLED)));
    expect(panel.node.textContent).toContain('Stopped before the end.');
    expect(button(panel.node, 'Read').disabled).toBe(false);
  });

  it('shows the pages as they are read', async () => {
    const { panel } = await read(
      { type: 'stage', stage: 'load', detail: '' },
      { type: 'progress', stage: 'load', message: 'Page 2', done: 2, total: 4 }
    );
    expect(panel.node.textContent).toContain('Read the paper50 %Page 2');
    expect(panel.node.textContent).toContain('The paper is being read.');
  });

  it('says what was read, what was lost, and what could be made', async () => {
    const { panel, box } = await read(
      told(),
      { type: 'unit', unit: unit('u2') },
      DONE
    );
    const { textContent: text } = panel.node;
    expect(text).toContain('Fitting Linear Mixed-Effects Models');
    expect(text).toContain('A. Author, B. Author');
    expect(text).toContain(
      'PDF · 51 pages · 1 section · 12 equations · 3 tables · 8 listings'
    );
    expect(text).toContain('This form does not keep: exponents.');
    expect(text).toContain('1 requirement: 1 stated');
    expect(box('Printed code')?.checked).toBe(true);
    expect(box('Model c2')?.checked).toBe(false);
  });

  it('makes what is chosen, with the answers', async () => {
    const {
      panel,
      box,
      desk,
      told: calls
    } = await read(told(), { type: 'unit', unit: OPEN }, DONE);
    act(() => box('Model c2')?.click());
    const answer = panel.node.querySelector<HTMLTextAreaElement>(
      '#jp-Gptoss-answer-u1'
    );
    expect(answer?.placeholder).toBe('Else assumed: the default');
    write(answer, 'Nelder-Mead');
    expect(desk.ask).toMatchObject({
      scope: ['c1', 'c2'],
      answers: [{ unit: 'u1', text: 'Nelder-Mead' }]
    });
    act(() => button(panel.node, 'Make the notebook').click());
    expect(calls.onMakeNotebook).toHaveBeenCalledWith('', 'python');
    expect(calls.onGenerate).not.toHaveBeenCalled();
  });

  it('makes nothing of nothing', async () => {
    const { panel, box } = await read(told(), DONE);
    act(() => box('Printed code')?.click());
    expect(panel.node.textContent).toContain('Choose at least one.');
    expect(button(panel.node, 'Make the notebook').disabled).toBe(true);
  });

  it('asks what is wanted where nothing can be chosen', async () => {
    const { panel } = await read(
      told({ paper: paper({ candidates: [] }) }),
      DONE
    );
    expect(panel.node.textContent).toContain('Say below what of it you need');
    expect(button(panel.node, 'Make the notebook').disabled).toBe(true);
    write(panel.node.querySelector('#jp-Gptoss-task'), 'Figure 2');
    expect(button(panel.node, 'Make the notebook').disabled).toBe(false);
  });

  it('lets the arrows go from candidate to candidate', async () => {
    const { panel } = await read(
      told({
        paper: paper({
          candidates: [candidate('a'), candidate('b'), candidate('c')]
        })
      }),
      DONE
    );
    const boxes = [
      ...panel.node.querySelectorAll<HTMLInputElement>('.jp-Gptoss-scope input')
    ];
    expect(boxes.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
    const press = (key: string) =>
      act(() => {
        document.activeElement?.dispatchEvent(
          new KeyboardEvent('keydown', { key, bubbles: true })
        );
      });
    act(() => boxes[0]?.focus());
    press('ArrowDown');
    expect(document.activeElement).toBe(boxes[1]);
    press('End');
    expect(document.activeElement).toBe(boxes[2]);
  });

  it('opens the paper at a page', async () => {
    const { panel, paperVerbs } = await read(told(), DONE);
    act(() => button(panel.node, 'Open the paper at p. 4: Model c2').click());
    expect(paperVerbs.onOpenPlace).toHaveBeenCalledWith({
      path: 'papers/lmer.pdf',
      fragment: '#page=4'
    });
  });

  it('says what failed and what to do', async () => {
    const { panel } = await read({
      type: 'error',
      problem: problem(422).problem
    });
    expect(panel.node.querySelector('[role=alert]')?.textContent).toBe(
      'It cannot be read.Give another file.'
    );
  });

  it('lists the requirements with their words, on demand', async () => {
    const { panel } = await read(
      told(),
      { type: 'unit', unit: unit('u2') },
      DONE
    );
    expect(panel.node.querySelector('q')).toBeNull();
    act(() => button(panel.node, '1 requirement: 1 stated').click());
    expect(panel.node.querySelector('q')?.textContent).toBe(
      'we fit the model u2'
    );
  });
});

describe('the numbers of a paper', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('fill while the job runs', async () => {
    const job = script(
      told({ missing: ['Figure 2'] }),
      {
        type: 'claim',
        claim: claim('k1', { state: 'verified', computed: 1743.628271 })
      },
      {
        type: 'claim',
        claim: claim('k2', { metric: 'Variance', stand_in: true })
      }
    ).reduce(reduce, newJob('j1', 't', true));
    const { panel } = await show({ phase: 'streaming', job });
    const rows = [...panel.node.querySelectorAll('tbody tr')].map(
      ({ textContent }) => textContent
    );
    expect(rows).toEqual([
      'REML criterionp. 121743.61743.63✓ Verified',
      'Variancestand-in datap. 121743.6–… Waiting'
    ]);
    expect(panel.node.textContent).toContain('1 verified · 1 waiting');
    expect(panel.node.textContent).toContain('Not implementedFigure 2');
  });

  it('are shown in part where there are hundreds', async () => {
    const job = script(
      told(),
      ...Array.from({ length: 200 }, (_, at) => ({
        type: 'claim' as const,
        claim: claim(`k${at}`)
      }))
    ).reduce(reduce, newJob('j1', 't', true));
    const { panel } = await show({ phase: 'streaming', job });
    expect(panel.node.querySelectorAll('tbody tr')).toHaveLength(40);
    act(() => button(panel.node, 'Show 160 more').click());
    expect(panel.node.querySelectorAll('tbody tr')).toHaveLength(200);
  });

  it('come from the notebook when no job told them', async () => {
    const noted = {
      paper: paper(),
      units: [],
      claims: [claim('k1', { state: 'differs', computed: 7 })],
      assumptions: [],
      missing: []
    };
    const { panel, noted: watch } = await show();
    expect(panel.node.querySelector('table')).toBeNull();
    watch.noted = noted;
    act(() => watch.changed.emit());
    expect(panel.node.querySelector('tbody')?.textContent).toContain(
      '≠ Differs'
    );
  });
});
