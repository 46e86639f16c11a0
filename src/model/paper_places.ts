import type { TranslationBundle } from '@jupyterlab/translation';

import type { Place } from '../wire/schema';

/**
 * A place that can be opened: in a file of the server, or at an address.
 */
export type IPaperTarget =
  | { readonly path: string; readonly fragment: string }
  | { readonly url: string };

const ADDRESS = /^https?:\/\//i;
const ARCHIVE = /\.(zip|gz|tgz|bz2|xz|tar)$/i;

/**
 * What to open for a place of a paper; null where nothing can be.
 *
 * @param root - The folder that the server serves, as the page knows it.
 */
export function targetOf(
  paper: { readonly uri: string; readonly files: readonly string[] },
  place: Place,
  root = ''
): IPaperTarget | null {
  for (const name of [paper.files[0] ?? '', paper.uri]) {
    const url = addressOf(name);
    if (url) {
      return { url: `${url}${fragmentOf(place)}` };
    }
    const path = served(name, root);
    if (/\.\w+$/.test(path) && !ARCHIVE.test(path)) {
      return { path, fragment: fragmentOf(place) };
    }
  }
  return null;
}

/**
 * Say where something stands, as short as it stays clear.
 */
export function placeText(place: Place, trans: TranslationBundle): string {
  if (place.page !== null) {
    return trans.__('p. %1', place.page);
  }
  return place.section[place.section.length - 1] ?? place.anchor;
}

/**
 * The address of what is not a file of the server; empty for what is.
 */
function addressOf(name: string): string {
  if (ADDRESS.test(name)) {
    return name.split('#')[0] ?? '';
  }
  const [, scheme = '', id = ''] = /^(arxiv|doi):\s*(\S+)$/i.exec(name) ?? [];
  switch (scheme.toLowerCase()) {
    case 'arxiv':
      return `https://arxiv.org/pdf/${id}`;
    case 'doi':
      return `https://doi.org/${id}`;
    default:
      return '';
  }
}

/**
 * The path of a file below the served folder; empty for any other.
 */
function served(name: string, root: string): string {
  if (!name.startsWith('/')) {
    return /^\w+:|(^|\/)\.\.(\/|$)/.test(name) ? '' : name;
  }
  const folder = root.replace(/\/+$/, '');
  return folder !== '' && name.startsWith(`${folder}/`)
    ? name.slice(folder.length + 1)
    : '';
}

function fragmentOf({ page, anchor }: Place): string {
  if (page !== null) {
    return `#page=${page}`;
  }
  return anchor ? `#${encodeURIComponent(anchor)}` : '';
}
