import type { IDraft, IJob, IReplaced, IStep } from '../tokens';
import type {
  CodeGenerationResponse,
  Event,
  FindingEvent,
  Stage
} from '../wire/schema';
import { reportedOf, toldOf } from './paper_state';
import { withReplaced } from './replaced';

/**
 * The end of the reasoning that is kept, in characters.
 */
const MAX_REASONING = 100_000;

/**
 * Return the record of a job of which no event has arrived.
 */
export function newJob(
  id: string,
  task: string,
  verify: boolean,
  replaces?: IReplaced
): IJob {
  return {
    replaces,
    id,
    task,
    verify,
    ended: false,
    outcome: 'running',
    generator: null,
    model: '',
    seed: null,
    templates: '',
    usage: null,
    repair: null,
    sandbox: null,
    paper: null,
    environment: null,
    position: 0,
    steps: [],
    drafts: [],
    warnings: [],
    gaps: [],
    message: '',
    reasoning: '',
    problem: null,
    lastSeq: 0
  };
}

/**
 * Return the job after an event. Pure: the given record stays as it was.
 */
export function reduce(job: IJob, event: Event): IJob {
  const next = { ...job, lastSeq: Math.max(job.lastSeq, event.seq) };
  switch (event.type) {
    case 'queued':
      return { ...next, position: event.position };
    case 'stage':
      return {
        ...next,
        position: 0,
        steps: enter(job.steps, event.stage, event.detail)
      };
    case 'progress':
      return {
        ...next,
        steps: enter(job.steps, event.stage).map(step =>
          step.stage === event.stage
            ? {
                ...step,
                detail: event.message || step.detail,
                done: event.done,
                total: event.total
              }
            : step
        )
      };
    case 'reasoning':
      return {
        ...next,
        reasoning: (job.reasoning + event.text).slice(-MAX_REASONING)
      };
    case 'generator':
      return {
        ...next,
        generator: event.generator,
        model: event.model,
        seed: event.seed,
        templates: event.templates,
        sandbox: event.sandbox
      };
    case 'cell_open':
      return { ...next, drafts: open(job.drafts, event) };
    case 'cell_delta':
      return {
        ...next,
        drafts: change(job.drafts, event.cell, draft => ({
          source: draft.source + event.text
        }))
      };
    case 'cell_close':
      return {
        ...next,
        drafts: change(job.drafts, event.cell, draft => ({
          source: event.source,
          sources: event.sources,
          units: event.units,
          // A cell that is to be deleted may well be an empty one.
          state:
            event.source === '' && draft.change !== 'deleted'
              ? 'removed'
              : 'closed'
        }))
      };
    case 'finding':
      return { ...next, drafts: addFinding(job.drafts, event) };
    case 'verification':
      return {
        ...next,
        drafts: change(job.drafts, event.cell, () => ({
          verification: event.verification
        }))
      };
    case 'environment':
      return { ...next, environment: event.environment };
    case 'repair':
      return {
        ...next,
        repair: { round: event.round, rounds: event.rounds },
        // What it thinks of the repair is a new thought.
        reasoning: job.reasoning && `${job.reasoning}\n\n`,
        drafts: job.drafts.map(draft =>
          event.cells.includes(draft.id)
            ? { ...draft, findings: [], verification: null }
            : draft
        )
      };
    case 'paper':
    case 'unit':
    case 'claim':
      return { ...next, paper: toldOf(job.paper, event) };
    case 'usage':
      return { ...next, usage: event.usage };
    case 'warning':
      return {
        ...next,
        warnings: [
          ...job.warnings,
          { message: event.message, hint: event.hint }
        ]
      };
    case 'version_gap':
      return {
        ...next,
        gaps: [
          ...job.gaps.filter(({ corpus }) => corpus !== event.gap.corpus),
          event.gap
        ]
      };
    case 'done':
      return withReplaced({
        ...end(next),
        outcome: event.state === 'cancelled' ? 'cancelled' : 'done',
        message: event.message
      });
    case 'error':
      return { ...end(next), outcome: 'error', problem: event.problem };
    default:
      // A type of a later version is none of ours.
      return next;
  }
}

/**
 * Return the record of a job that is known only from the server's summary.
 */
export function fromResponse(answer: CodeGenerationResponse): IJob {
  const base = newJob(answer.job, answer.task, answer.sandbox !== null);
  return {
    ...base,
    ended: answer.state !== 'queued' && answer.state !== 'running',
    outcome:
      answer.state === 'error' || answer.state === 'cancelled'
        ? answer.state
        : answer.state === 'done'
          ? 'done'
          : 'running',
    generator: answer.generator,
    model: answer.model,
    seed: answer.seed,
    templates: answer.templates,
    usage: answer.usage,
    sandbox: answer.sandbox,
    environment: answer.environment,
    paper: reportedOf(answer.paper),
    drafts: answer.cells.map((cell, index) => ({
      id: cell.id,
      index,
      kind: cell.kind,
      language: cell.language,
      change: cell.change,
      target: cell.target,
      source: cell.source,
      state: 'closed' as const,
      sources: cell.sources,
      units: cell.units,
      findings: cell.findings,
      verification: cell.verification
    })),
    warnings: answer.warnings.map(message => ({ message, hint: '' })),
    gaps: answer.gaps,
    problem: answer.error,
    lastSeq: answer.last_seq
  };
}

/**
 * Return a job whose cells are as they were found when they were checked and
 * run again; what has another text by now stays as it is.
 */
export function proven(job: IJob, again: IJob): IJob {
  const found = new Map(again.drafts.map(draft => [draft.id, draft]));
  return {
    ...job,
    environment: again.environment ?? job.environment,
    drafts: job.drafts.map(draft => {
      const one = found.get(draft.id);
      return one?.verification && one.source === draft.source
        ? { ...draft, findings: one.findings, verification: one.verification }
        : draft;
    })
  };
}

/**
 * The language of a job's cells.
 */
export function languageOf(job: IJob): 'python' | 'r' {
  return job.drafts[0]?.language ?? 'python';
}

function end(job: IJob): IJob {
  return {
    ...job,
    ended: true,
    steps: job.steps.map(step => ({ ...step, running: false })),
    drafts: job.drafts.map(draft =>
      draft.state === 'open' ? { ...draft, state: 'closed' } : draft
    )
  };
}

function enter(
  steps: readonly IStep[],
  stage: Stage['stage'],
  detail?: string
): IStep[] {
  const fresh: IStep = {
    stage,
    running: true,
    detail: detail ?? '',
    done: 0,
    total: 0
  };
  const known = steps.find(step => step.stage === stage);
  const quiet = steps.map(step =>
    step.stage === stage ? step : { ...step, running: false }
  );
  if (!known) {
    return [...quiet, fresh];
  }
  return quiet.map(step =>
    step.stage === stage
      ? { ...step, running: true, detail: detail ?? step.detail }
      : step
  );
}

function open(
  drafts: readonly IDraft[],
  event: Extract<Event, { type: 'cell_open' }>
): IDraft[] {
  const draft: IDraft = {
    id: event.cell,
    index: event.index,
    kind: event.kind,
    language: event.language,
    change: event.change,
    target: event.target,
    source: '',
    state: 'open',
    sources: [],
    units: [],
    findings: [],
    verification: null
  };
  return [...drafts.filter(({ id }) => id !== event.cell), draft].sort(
    (a, b) => a.index - b.index
  );
}

function change(
  drafts: readonly IDraft[],
  id: string,
  fields: (draft: IDraft) => Partial<IDraft>
): IDraft[] {
  return drafts.map(draft =>
    draft.id === id ? { ...draft, ...fields(draft) } : draft
  );
}

function addFinding(
  drafts: readonly IDraft[],
  { finding }: FindingEvent
): IDraft[] {
  return change(drafts, finding.cell, draft => ({
    findings: [...draft.findings, finding]
  }));
}
