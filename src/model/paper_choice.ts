import type {
  Candidate,
  PaperAsk,
  PaperSummary,
  Unit,
  UnitAnswer
} from '../wire/schema';

/**
 * What is about as likely as the likeliest is chosen at first.
 */
const NEAR = 0.8;

/**
 * The most ids of a scope, and the most answers, that a request may hold.
 */
const MAX_SCOPE = 200;
const MAX_ANSWERS = 60;

/**
 * The longest answer, in characters.
 */
export const MAX_ANSWER_CHARS = 2000;

/**
 * What a person chose of a paper, and what they said of its open questions.
 */
export interface IPaperChoice {
  /**
   * Ids of what is to be implemented; null before the person chose.
   */
  readonly scope: readonly string[] | null;
  readonly answers: Readonly<Record<string, string>>;
}

export const NO_CHOICE: IPaperChoice = { scope: null, answers: {} };

/**
 * The candidates that are chosen: by the person, else the likeliest.
 */
export function chosenOf(
  candidates: readonly Candidate[],
  { scope }: IPaperChoice
): readonly string[] {
  if (scope) {
    return candidates.map(({ id }) => id).filter(id => scope.includes(id));
  }
  const best = Math.max(0, ...candidates.map(({ score }) => score));
  const near = candidates.filter(({ score }) => score >= best * NEAR);
  return near.map(({ id }) => id);
}

/**
 * Choose a candidate, or no longer.
 */
export function choose(
  candidates: readonly Candidate[],
  choice: IPaperChoice,
  id: string,
  chosen: boolean
): IPaperChoice {
  const others = chosenOf(candidates, choice).filter(one => one !== id);
  return { ...choice, scope: chosen ? [...others, id] : others };
}

/**
 * The requirements that the paper leaves open.
 */
export function openOf(units: readonly Unit[]): readonly Unit[] {
  return units.filter(({ status }) => status === 'unresolved');
}

/**
 * What is asked for: the paper, what of it, and what was said of it.
 */
export function askOf(
  asked: Pick<PaperAsk, 'uri' | 'form'>,
  paper: PaperSummary,
  units: readonly Unit[],
  choice: IPaperChoice
): PaperAsk {
  const answers = openOf(units).flatMap(({ id }): UnitAnswer[] => {
    const text = (choice.answers[id] ?? '').trim();
    return text === ''
      ? []
      : [{ unit: id, text: text.slice(0, MAX_ANSWER_CHARS) }];
  });
  return {
    ...asked,
    scope: chosenOf(paper.candidates, choice).slice(0, MAX_SCOPE),
    answers: answers.slice(0, MAX_ANSWERS)
  };
}

/**
 * Read a choice that was remembered.
 */
export function readChoice(value: unknown): IPaperChoice {
  const data = (value ?? {}) as { scope?: unknown; answers?: unknown };
  const scope = Array.isArray(data.scope)
    ? data.scope.filter((id): id is string => typeof id === 'string')
    : null;
  const answers = Object.entries((data.answers ?? {}) as object).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string'
  );
  return { scope, answers: Object.fromEntries(answers) };
}
