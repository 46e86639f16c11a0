/**
 * The most packages that a request may name.
 */
export const MAX_PACKAGES = 50;

/**
 * The package names that a person wrote, one per line; `#` begins a remark.
 */
export function parsePackages(text: string): string[] {
  const names = text
    .split(/[\n,]/)
    .map(line => line.replace(/#.*$/, '').trim())
    .filter(Boolean);
  return [...new Set(names)];
}
