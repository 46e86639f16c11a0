import { newJob, reduce } from '../../model/job';
import { notePaper, paperOfCell, readPaper } from '../../model/paper_notes';
import { UNTOLD } from '../../model/paper_state';
import { KEY } from '../../model/provenance';
import { claim, paper, told, unit } from '../fakes/paper';
import { notebook } from '../fakes/notebook';
import { GENERATOR, close, open, script } from '../fakes/script';
import { editor, noteOf, steps, stream } from '../fakes/writer';

const STATE = {
  ...UNTOLD,
  paper: paper(),
  units: [unit('u1')],
  claims: [claim('k1', { state: 'verified', computed: 1743.63 })]
};

describe('what a notebook notes of a paper', () => {
  it('is written with the cells, as no step of the person’s', () => {
    const model = notebook('x = 1');
    const { writer } = editor(model, 0);
    const events = script(
      GENERATOR,
      told(),
      { type: 'unit', unit: unit('u1') },
      open('a', 0),
      { ...close('a', 'y = 2'), units: ['u1'] } as ReturnType<typeof close>,
      { type: 'claim', claim: claim('k1', { state: 'differs' }) }
    );
    const job = events.slice(0, 3).reduce(reduce, newJob('j1', 't', true));
    writer.apply(job);
    expect(readPaper(model.sharedModel)).toBeNull();
    stream(writer, events.slice(3), job);
    expect(readPaper(model.sharedModel)).toMatchObject({
      paper: { title: paper().title, files: ['papers/lmer.pdf'] },
      units: [{ id: 'u1', quote: 'we fit the model u1' }],
      claims: [{ id: 'k1', state: 'differs' }]
    });
    expect(noteOf(model, 1)?.units).toEqual(['u1']);
    expect(steps(model)).toBe(1);
  });

  it('leaves what else is noted alone, and is written once', () => {
    const { sharedModel } = notebook('x = 1');
    sharedModel.setMetadata(KEY, { environments: { a: { image: 'a' } } });
    let changes = 0;
    sharedModel.metadataChanged.connect(() => (changes += 1));
    notePaper(sharedModel, STATE);
    notePaper(sharedModel, STATE);
    notePaper(sharedModel, { ...STATE });
    expect(changes).toBe(1);
    expect(sharedModel.getMetadata(KEY)).toMatchObject({
      environments: { a: { image: 'a' } },
      claims: [{ id: 'k1' }]
    });
  });

  it('is of a cell that implements it, or cites it', () => {
    const { sharedModel } = notebook('x = 1');
    notePaper(sharedModel, STATE);
    const cite = (source: string, link = '') => ({
      generator: 'model' as const,
      units: [],
      sources: [
        {
          source,
          link,
          title: '',
          version: '',
          symbol: '',
          page: 3,
          anchor: ''
        }
      ]
    });
    const units = ['u1', 'gone'];
    const generator = 'model' as const;
    const front = { units: [], sources: [] };
    expect(
      paperOfCell(sharedModel, { generator, units, sources: [] })?.units
    ).toHaveLength(1);
    expect(paperOfCell(sharedModel, cite(paper().title))?.units).toEqual([]);
    expect(paperOfCell(sharedModel, cite('pandas'))).toBeNull();
    expect(paperOfCell(sharedModel, { ...front, generator })).toBeNull();
    expect(
      paperOfCell(sharedModel, { ...front, generator: 'examples' })?.units
    ).toEqual([]);
    expect(paperOfCell(sharedModel, cite('x', 'https://x.org'))).toBeNull();
    expect(paperOfCell(null, { generator, units, sources: [] })).toBeNull();
  });

  it('is nothing before a paper is told', () => {
    const { sharedModel } = notebook('x = 1');
    notePaper(sharedModel, { ...STATE, paper: null });
    expect(readPaper(sharedModel)).toBeNull();
    expect(readPaper(null)).toBeNull();
  });

  it('is read back as it was written', () => {
    const { sharedModel } = notebook('x = 1');
    notePaper(sharedModel, STATE);
    const read = readPaper(sharedModel);
    expect(read?.claims).toEqual(STATE.claims);
    expect(read?.units).toEqual(STATE.units);
  });

  it.each([
    [null, null],
    ['text', null],
    [{}, null],
    [{ claims: 'many' }, null],
    [{ paper: [], claims: [1, null] }, null]
  ])('is not there in %j', (value, read) => {
    expect(readPaper({ getMetadata: () => value })).toEqual(read);
  });

  it('is trusted in nothing', () => {
    const read = readPaper({
      getMetadata: () => ({
        paper: { title: 5, files: ['a.pdf', 7], form: 'docx' },
        claims: [
          { state: 'reproduced', value: 'NaN', place: { page: -2.5 } },
          { state: 'verified', stand_in: true, computed: '7', tolerance: -1 }
        ],
        units: [{ status: 'sure', verdict: 'fine', quote: { a: 1 } }]
      })
    });
    expect(read?.paper).toMatchObject({
      title: '',
      files: ['a.pdf'],
      form: 'pdf'
    });
    expect(read?.claims.map(one => one.state)).toEqual(['open', 'open']);
    expect(read?.claims[0]?.place.page).toBeNull();
    expect(read?.claims[1]).toMatchObject({ computed: null, tolerance: 0 });
    expect(read?.units[0]).toMatchObject({
      status: 'unresolved',
      verdict: 'open',
      quote: ''
    });
  });
});
