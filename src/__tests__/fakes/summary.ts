import type { CodeGenerationResponse } from '../../wire/schema';

/**
 * What the server says of a job that it knows.
 */
export function summary(state: 'running' | 'done'): CodeGenerationResponse {
  return {
    kind: 'generate',
    environment: null,
    job: 'j1',
    state,
    task: 'mean',
    language: 'python',
    generator: 'examples',
    model: '',
    seed: null,
    templates: '',
    edit: null,
    created_at: '',
    finished_at: '',
    stage: '',
    last_seq: 3,
    cells: [],
    corpora: [],
    usage: {
      prompt_tokens: 0,
      completion_tokens: 0,
      reasoning_tokens: 0,
      cached_tokens: 0,
      drafted_tokens: 0,
      accepted_tokens: 0
    },
    repairs: 0,
    paper: null,
    gaps: [],
    warnings: [],
    sandbox: null,
    error: null
  };
}
