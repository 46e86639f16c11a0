/**
 * The most characters that the name of a paper may have.
 */
export const MAX_URI_CHARS = 4096;

const NAMES = /\.(pdf|tex|ltx|zip|tar|tgz|tar\.gz|x?html?)$/i;
const ARXIV = /^(?:arxiv:\s*)?(\d{4}\.\d{4,5}(?:v\d+)?)$/i;
const OLD_ARXIV = /^arxiv:\s*([a-z-]+(?:\.[a-z]{2})?\/\d{7}(?:v\d+)?)$/i;
const ARXIV_PAGE =
  /^https?:\/\/(?:www\.)?arxiv\.org\/(?:abs|pdf)\/([^\s?#]+?)(?:\.pdf)?(?:[?#].*)?$/i;
const DOI = /^(?:doi:\s*|https?:\/\/(?:dx\.)?doi\.org\/)?(10\.\d{4,9}\/\S+)$/i;

/**
 * Whether a file's name says that a paper may be in it.
 */
export function isPaperName(name: string): boolean {
  return NAMES.test(name);
}

/**
 * Write what a person typed as the server takes it: a path, an address,
 * `arXiv:ID` or `doi:NAME`; empty for nothing.
 */
export function paperUri(typed: string): string {
  const text = typed.trim();
  const arxiv =
    ARXIV.exec(text)?.[1] ??
    OLD_ARXIV.exec(text)?.[1] ??
    ARXIV_PAGE.exec(text)?.[1];
  if (arxiv) {
    return `arXiv:${arxiv}`;
  }
  const doi = DOI.exec(text)?.[1];
  return doi ? `doi:${doi}` : text;
}

/**
 * Name a paper by its file, or as it was typed, as short as it stays clear.
 */
export function paperName(uri: string): string {
  return /^\w+:/.test(uri) ? uri : (uri.split('/').pop() ?? uri);
}
