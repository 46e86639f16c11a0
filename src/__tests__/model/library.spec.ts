import { linkOf } from '../../model/citations';
import { Library } from '../../model/library';
import type { DocHits } from '../../wire/schema';
import { FakeLibraryApi, corpus, hit } from '../fakes/library';

describe('linkOf', () => {
  const { citation } = hit();

  it.each([
    [{}, 'https://a.example/merge.html#pandas.merge'],
    [{ anchor: '' }, 'https://a.example/merge.html'],
    [{ anchor: 'a b"c' }, 'https://a.example/merge.html#a%20b%22c'],
    [{ page: 7, anchor: '' }, 'https://a.example/merge.html#page=7'],
    [{ link: 'https://a.example/#x' }, 'https://a.example/#x'],
    [{ link: '' }, ''],
    [{ link: 'javascript:alert(1)' }, '']
  ])('opens %j at its place', (fields, link) => {
    expect(linkOf({ ...citation, ...fields })).toBe(link);
  });
});

describe('Library', () => {
  it('lists what is indexed, and keeps it when a question fails', async () => {
    const api = new FakeLibraryApi();
    const library = new Library(api);
    expect(library.corpora).toBeNull();
    await library.load();
    expect(library.corpora).toEqual([corpus()]);
    api.problem = new Error('away');
    await library.load();
    expect(library.corpora).toEqual([corpus()]);
    expect(library.problem).not.toBeNull();
  });

  it('reads a source again, and is busy meanwhile', async () => {
    const api = new FakeLibraryApi();
    const library = new Library(api);
    const done = library.refresh('c1');
    expect(library.isBusy('c1')).toBe(true);
    await done;
    expect(library.isBusy('c1')).toBe(false);
    expect(api.asked).toEqual(['refresh c1', 'list']);
  });

  it('forgets what was found in an index that is removed', async () => {
    const api = new FakeLibraryApi();
    api.corpora = [corpus(), corpus({ id: 'c2' })];
    api.hits = [hit(), hit({ id: 'c2:c1', corpus: 'c2' })];
    const library = new Library(api);
    await library.search('merge');
    await library.remove('c1');
    expect(library.found?.hits.map(({ id }) => id)).toEqual(['c2:c1']);
    expect(library.corpora?.map(({ id }) => id)).toEqual(['c2']);
  });

  it('does not show a late answer to an older question', async () => {
    const api = new FakeLibraryApi();
    const waiting: ((found: DocHits) => void)[] = [];
    api.search = () => new Promise(resolve => waiting.push(resolve));
    const library = new Library(api);
    const both = [library.search('old'), library.search('new')];
    waiting[1]?.({ query: 'new', hits: [] });
    waiting[0]?.({ query: 'old', hits: [] });
    await Promise.all(both);
    expect(library.found?.query).toBe('new');
    expect(library.searching).toBe(false);
  });
});
