import type { IDraft, IJob } from '../tokens';

/**
 * Whether two states of a job differ in nothing but growing text.
 *
 * #### Notes
 * Text grows with every token; what is shown beside the notebook does not.
 * Records of a job are never changed in place, so identity says enough.
 */
export function onlyText(before: IJob | null, after: IJob | null): boolean {
  if (!before || !after) {
    return before === after;
  }
  return (
    FACTS.every(key => before[key] === after[key]) &&
    before.drafts.length === after.drafts.length &&
    before.drafts.every((draft, index) => isSame(draft, after.drafts[index]))
  );
}

const FACTS = [
  'id',
  'ended',
  'outcome',
  'generator',
  'sandbox',
  'paper',
  'environment',
  'position',
  'steps',
  'warnings',
  'message',
  'problem'
] as const;

function isSame(before: IDraft, after: IDraft | undefined): boolean {
  return (
    before.id === after?.id &&
    before.state === after.state &&
    before.findings === after.findings &&
    before.verification === after.verification
  );
}
