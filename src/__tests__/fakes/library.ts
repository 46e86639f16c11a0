import type { ILibraryApi } from '../../model/library';
import type { CorpusInfo, DocHit, DocHits } from '../../wire/schema';

/**
 * The description of an index, with what a test changes.
 */
export function corpus(fields: Partial<CorpusInfo> = {}): CorpusInfo {
  return {
    id: 'c1',
    source: { kind: 'package', uri: 'pandas' },
    title: 'pandas',
    kind: 'package',
    version: '3.1',
    sha256: '',
    chunks: 12,
    symbols: 3,
    examples: 1,
    size_bytes: 1,
    built_at: '2026-11-27T08:00:00+00:00',
    duration_s: 1,
    cached: true,
    warnings: [],
    ...fields
  };
}

/**
 * A place that a search found, with what a test changes.
 */
export function hit(fields: Partial<DocHit> = {}): DocHit {
  return {
    id: 'c1:c1',
    kind: 'symbol',
    title: 'pandas.merge',
    snippet: 'Merge two frames.',
    corpus: 'c1',
    source: 'pandas',
    path: '',
    score: 1,
    citation: {
      source: 'merge.html',
      title: 'Merge',
      version: '3.1',
      symbol: 'pandas.merge',
      page: null,
      anchor: 'pandas.merge',
      link: 'https://a.example/merge.html'
    },
    ...fields
  };
}

/**
 * A server that holds what the test says.
 */
export class FakeLibraryApi implements ILibraryApi {
  corpora: CorpusInfo[] = [corpus()];
  hits: DocHit[] = [hit()];
  problem: Error | null = null;
  readonly asked: string[] = [];

  async list() {
    return { corpora: this._answer('list', this.corpora) };
  }

  async refresh(id: string) {
    return this._answer(`refresh ${id}`, corpus({ id }));
  }

  async remove(id: string) {
    this.corpora = this.corpora.filter(one => one.id !== id);
    this._answer(`remove ${id}`, null);
  }

  async search(query: string): Promise<DocHits> {
    return { query, hits: this._answer(`search ${query}`, this.hits) };
  }

  private _answer<T>(asked: string, value: T): T {
    this.asked.push(asked);
    if (this.problem) {
      throw this.problem;
    }
    return value;
  }
}
