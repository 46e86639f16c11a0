import { isObject } from './provenance';

const NAMED = /\{\{([A-Za-z_]\w*)\}\}|\{([A-Za-z_]\w*)\}/g;
const MAX_DESCRIPTION_CHARS = 8000;

/**
 * The type under which a kernel hands a request to the page, and under which
 * the page notes one in the cell's outputs.
 */
export const MIME = 'application/vnd.gptoss.request+json';

/**
 * A variable of the kernel as it is told: what it is, not what it holds.
 */
export interface IVariable {
  readonly name: string;
  readonly description: string;
}

/**
 * The variables that a task names, each once, in order.
 */
export function namedIn(task: string): string[] {
  const names = [...task.matchAll(NAMED)].map(found => found[2] ?? '');
  return [...new Set(names.filter(name => name !== ''))];
}

/**
 * The task as it is sent: names in code marks, and what they are below it.
 */
export function compose(task: string, variables: readonly IVariable[]): string {
  const text = task.replace(
    NAMED,
    (_: string, word: string | undefined, name: string) =>
      word === undefined ? `\`${name}\`` : `{${word}}`
  );
  return variables.length === 0
    ? text
    : [
        text,
        '',
        'Variables of the notebook that the task names (what they are, not what they hold):',
        ...variables.map(
          ({ name, description }) => `- \`${name}\`: ${description}`
        )
      ].join('\n');
}

/**
 * Read what a kernel has published with a ticket; null where this is not it.
 *
 * #### Notes
 * Only descriptions of variables that the cell itself names are taken: what is
 * asked, and of which sources, the page reads in the cell.
 */
export function readVariables(
  data: unknown,
  ticket: string,
  names: readonly string[]
): IVariable[] | null {
  if (!isObject(data) || data.version !== 1 || data.ticket !== ticket) {
    return null;
  }
  const rows = Array.isArray(data.variables) ? data.variables : [];
  return rows.filter(
    (row): row is IVariable =>
      isObject(row) &&
      typeof row.name === 'string' &&
      names.includes(row.name) &&
      typeof row.description === 'string' &&
      row.description.length <= MAX_DESCRIPTION_CHARS
  );
}
