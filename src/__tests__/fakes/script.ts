import type {
  CellVerification,
  Event,
  Generator,
  SandboxStatus
} from '../../wire/schema';

export const SANDBOX: SandboxStatus = {
  available: true,
  runtime: 'bubblewrap',
  isolation: 'namespaces',
  image: 'python-1',
  image_ready: true,
  version: '0.8',
  seccomp: '',
  gvisor: false,
  data: 'mount',
  reason: '',
  hint: ''
};

export const RUN: CellVerification = {
  status: 'ok',
  duration_s: 0.4,
  peak_memory_bytes: 120 * 2 ** 20,
  execution_count: 1,
  outputs: [{ output_type: 'stream', name: 'stdout', text: '2\n' }],
  error: '',
  truncated: false,
  isolation: 'namespaces',
  data: [],
  runtime: 'bubblewrap',
  image: 'python-1'
};

/**
 * Without the distribution, `Omit` would merge the union's members into one.
 */
type Unnumbered<T> = T extends Event ? Omit<T, 'seq' | 'job'> : never;

/**
 * Number events as a job would.
 */
export function script(...events: Unnumbered<Event>[]): Event[] {
  return events.map((event, index) => ({
    ...event,
    seq: index + 1,
    job: 'j1'
  })) as Event[];
}

export const GENERATOR: Unnumbered<Generator> = {
  type: 'generator',
  generator: 'examples',
  model: '',
  seed: null,
  templates: '',
  corpora: [],
  sandbox: SANDBOX
};

export function open(
  cell: string,
  index: number,
  kind: 'code' | 'markdown' = 'code'
): Unnumbered<Event> {
  return {
    type: 'cell_open',
    cell,
    index,
    kind,
    language: 'python',
    change: 'new',
    target: ''
  };
}

/**
 * Open a cell that changes or deletes one of the notebook's.
 */
export function touch(
  cell: string,
  index: number,
  change: 'changed' | 'deleted',
  target: string,
  kind: 'code' | 'markdown' = 'code'
): Unnumbered<Event> {
  return {
    type: 'cell_open',
    cell,
    index,
    kind,
    language: 'python',
    change,
    target
  };
}

export function delta(cell: string, text: string): Unnumbered<Event> {
  return { type: 'cell_delta', cell, text };
}

export function close(cell: string, source: string): Unnumbered<Event> {
  return { type: 'cell_close', cell, source, sources: [], units: [] };
}

export function verified(cell: string): Unnumbered<Event> {
  return { type: 'verification', cell, verification: RUN };
}

export const DONE: Unnumbered<Event> = {
  type: 'done',
  state: 'done',
  cells: 1,
  verified: 1,
  message: ''
};
