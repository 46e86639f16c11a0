import { isPaperName, paperName, paperUri } from '../../model/paper_names';

describe('paperUri', () => {
  it.each([
    [' 1406.5823 ', 'arXiv:1406.5823'],
    ['arxiv:1406.5823v2', 'arXiv:1406.5823v2'],
    ['arXiv: hep-th/9901001', 'arXiv:hep-th/9901001'],
    ['https://arxiv.org/abs/1406.5823', 'arXiv:1406.5823'],
    ['https://arxiv.org/pdf/1406.5823v1.pdf#page=3', 'arXiv:1406.5823v1'],
    ['10.18637/jss.v067.i01', 'doi:10.18637/jss.v067.i01'],
    ['DOI: 10.18637/jss.v067.i01', 'doi:10.18637/jss.v067.i01'],
    ['https://doi.org/10.18637/jss.v067.i01', 'doi:10.18637/jss.v067.i01'],
    ['papers/lmer.pdf', 'papers/lmer.pdf'],
    ['https://x.org/lmer.pdf', 'https://x.org/lmer.pdf'],
    ['notes/1406.5823', 'notes/1406.5823'],
    ['  ', '']
  ])('%j', (typed, uri) => {
    expect(paperUri(typed)).toBe(uri);
  });
});

describe('isPaperName', () => {
  it.each(['a.pdf', 'A.PDF', 'x.tar.gz', 'x.tgz', 'm.tex', 'p.html', 's.zip'])(
    'takes %s',
    name => {
      expect(isPaperName(name)).toBe(true);
    }
  );

  it.each(['a.ipynb', 'a.csv', 'pdf', 'a.gz', 'a.pdf.exe', ''])(
    'takes not %j',
    name => {
      expect(isPaperName(name)).toBe(false);
    }
  );
});

describe('paperName', () => {
  it.each([
    ['a/b/lmer.pdf', 'lmer.pdf'],
    ['arXiv:1406.5823', 'arXiv:1406.5823'],
    ['https://x.org/a.pdf', 'https://x.org/a.pdf']
  ])('%s', (uri, name) => {
    expect(paperName(uri)).toBe(name);
  });
});
