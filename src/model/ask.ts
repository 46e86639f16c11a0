import type { IAsk, IPast, ITarget } from '../tokens';
import type { CodeGenerationRequest } from '../wire/schema';

/**
 * Put what a person asks for into the words of the wire, with what the
 * notebook's kernel says of its variables.
 */
export async function requestOf(
  ask: IAsk,
  target: Pick<ITarget, 'path' | 'context' | 'describe'>
): Promise<CodeGenerationRequest> {
  const { task, language, effort, verify, edit, seed } = ask;
  const { maxRepairs, maxCells, paper } = ask;
  const variables = (await target.describe?.(ask.variables ?? 'off')) ?? [];
  return {
    task,
    language,
    effort,
    verify,
    ...(edit === undefined ? {} : { edit }),
    ...(paper === undefined ? {} : { paper }),
    ...(seed === undefined ? {} : { seed }),
    ...(maxRepairs === undefined ? {} : { max_repairs: maxRepairs }),
    ...(maxCells === undefined ? {} : { max_cells: maxCells }),
    ...(ask.sourceLines ? { source_lines: true } : {}),
    ...(ask.houseRules ? { house_rules: ask.houseRules } : {}),
    sources: [...ask.sources],
    data: [...ask.data],
    context: {
      path: target.path,
      cells: [...target.context],
      ...(variables.length === 0 ? {} : { variables })
    }
  };
}

/**
 * What a start needs to know of the job: what was asked for now, or long ago.
 */
export type Asked = Pick<IAsk & IPast, 'task' | 'language' | 'verify'> &
  Pick<IAsk, 'edit' | 'replaces'>;
