import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { linkOf } from '../model/citations';
import type { Library } from '../model/library';
import type { DocHit } from '../wire/schema';

/**
 * What a search in the documentation found, each with a way to open it.
 */
export function Found(props: {
  library: Library;
  trans: TranslationBundle;
  onOpenFile: (path: string) => void;
}): JSX.Element {
  const { library, trans } = props;
  const { found } = library;
  return (
    <>
      <p className="jp-Gptoss-small" role="status">
        {library.searching
          ? trans.__('Searching…')
          : found && countOf(found.hits.length, found.query, trans)}
      </p>
      {!!found?.hits.length && (
        <ol
          className="jp-Gptoss-rows jp-Gptoss-found"
          aria-label={trans.__('Places in the documentation')}
        >
          {found.hits.map(hit => (
            <li key={hit.id}>
              <Title {...props} hit={hit} />
              <p className="jp-Gptoss-small">
                {[kindOf(hit, trans), hit.source].join(' · ')}
              </p>
              <p className="jp-Gptoss-snippet">{hit.snippet}</p>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function Title(props: {
  hit: DocHit;
  trans: TranslationBundle;
  onOpenFile: (path: string) => void;
}): JSX.Element {
  const { hit, trans } = props;
  const link = linkOf(hit.citation);
  if (link) {
    return (
      <a
        className="jp-Gptoss-source"
        href={link}
        target="_blank"
        rel="noopener noreferrer"
      >
        {hit.title}
      </a>
    );
  }
  return hit.path ? (
    <button
      type="button"
      className="jp-Gptoss-link"
      title={trans.__('Open %1', hit.path)}
      onClick={() => props.onOpenFile(hit.path)}
    >
      {hit.title}
    </button>
  ) : (
    <span className="jp-Gptoss-source" title={hit.citation.source}>
      {hit.title}
    </span>
  );
}

function countOf(
  count: number,
  query: string,
  trans: TranslationBundle
): string {
  return count === 0
    ? trans.__('Nothing in the documentation fits “%1”.', query)
    : trans._n('%1 place', '%1 places', count);
}

function kindOf({ kind }: DocHit, trans: TranslationBundle): string {
  switch (kind) {
    case 'symbol':
      return trans.__('API');
    case 'example':
      return trans.__('Example');
    default:
      return trans.__('Text');
  }
}
