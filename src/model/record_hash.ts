import { digest } from 'lib0/hash/sha256';

/**
 * Return the SHA-256 of a text in UTF-8, in hexadecimal digits.
 *
 * #### Notes
 * Not the browser's own: that answers later, and only on pages that were
 * fetched by https; a decision and its record are one undo step.
 */
export function hashOf(text: string): string {
  return Array.from(digest(new TextEncoder().encode(text)), byte =>
    byte.toString(16).padStart(2, '0')
  ).join('');
}
