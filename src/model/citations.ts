import type { Citation } from '../wire/schema';

/**
 * The address of the place that a citation names: the page, at its anchor or
 * at the page of a PDF. Empty where a browser cannot open it.
 */
export function linkOf({ link, anchor, page }: Citation): string {
  if (!/^https?:\/\//i.test(link)) {
    return '';
  }
  if (link.includes('#')) {
    return link;
  }
  if (page !== null) {
    return `${link}#page=${page}`;
  }
  return anchor ? `${link}#${encodeURIComponent(anchor)}` : link;
}
