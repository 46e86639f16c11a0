import { DisposableDelegate } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { RequestError } from '../../request';
import type {
  ISandboxActivity,
  ISandboxApi,
  ISandboxes,
  SandboxVerb
} from '../../tokens';
import type {
  Limits,
  Problem,
  SandboxCapabilities,
  SandboxFile,
  SandboxState,
  SandboxUsage
} from '../../wire/schema';

export const LIMITS: Limits = {
  memory_bytes: 2 * 1024 ** 3,
  cpus: 1,
  pids: 256,
  disk_bytes: 512 * 1024 ** 2,
  wall_clock_s: 120,
  cell_timeout_s: 60,
  output_bytes: 4194304,
  output_messages: 2000,
  idle_s: 1800,
  ttl_s: 43200
};

export const USAGE: SandboxUsage = {
  memory_bytes: 312 * 1024 ** 2,
  peak_memory_bytes: null,
  cpu_s: 1,
  cpu_percent: 45.2,
  throttled_s: null,
  pids: 9,
  oom_kills: 0,
  bytes_in: 0,
  bytes_out: 0,
  executions: 3
};

/**
 * A notebook's sandbox, but for the given fields.
 */
export function sandbox(fields: Partial<SandboxState> = {}): SandboxState {
  return {
    id: 'k1',
    language: 'python',
    kernel: 'gptoss-python',
    profile: '',
    purpose: 'notebook',
    phase: 'idle',
    runtime: 'docker',
    isolation: 'Docker container, runc, shared kernel, no network',
    image: 'gptoss-lab/python:1',
    notebook: 'work/mean.ipynb',
    started_at: '2026-11-26T10:00:00+00:00',
    uptime_s: 720,
    idle_s: 10,
    expires_in_s: 1790,
    limits: LIMITS,
    usage: USAGE,
    data: [],
    last_error: '',
    ...fields
  };
}

/**
 * What a server with Docker can do, but for the given fields.
 */
export function capabilities(
  fields: Partial<SandboxCapabilities> = {}
): SandboxCapabilities {
  return {
    runtime: 'docker',
    isolation: 'Docker container, runc, shared kernel, no network',
    engine_version: '20.10.24',
    languages: ['python', 'r'],
    seccomp: '',
    gvisor: false,
    data: 'mount',
    max_sandboxes: 4,
    limits: LIMITS,
    profiles: {},
    reason: '',
    hint: '',
    ...fields
  };
}

export function problem(fields: Partial<Problem> = {}): Problem {
  return {
    type: 'about:blank',
    title: 'Refused',
    status: 409,
    detail: 'Refused.',
    code: 'refused',
    hint: '',
    ...fields
  };
}

/**
 * A server with sandboxes, in memory. `down` refuses everything.
 */
export class FakeSandboxApi implements ISandboxApi {
  list: SandboxState[] = [];
  can = capabilities();
  down: Problem | null = null;
  contents: Record<string, string> = {};
  refused = 0;
  readonly calls: string[] = [];

  async capabilities(): Promise<SandboxCapabilities> {
    this._note('capabilities');
    return this.can;
  }

  async sandboxes(): Promise<{ sandboxes: SandboxState[] }> {
    this._note('list');
    return { sandboxes: this.list };
  }

  async interrupt(id: string): Promise<void> {
    this._note(`interrupt ${id}`);
  }

  async restart(id: string, data?: string[]): Promise<void> {
    this._note(['restart', id, ...(data ?? [])].join(' '));
  }

  async stop(id: string): Promise<void> {
    this._note(`stop ${id}`);
    this.list = this.list.filter(one => one.id !== id);
  }

  async addPackages(id: string, packages: string[]): Promise<void> {
    this._note(`add ${packages.join(' ')} to ${id}`);
  }

  async files(): Promise<{
    files: SandboxFile[];
    refused: number;
    truncated: boolean;
  }> {
    this._note('files');
    return {
      files: Object.entries(this.contents).map(([path, text]) => ({
        path,
        size_bytes: text.length,
        modified_at: '2026-11-26T10:00:00+00:00'
      })),
      refused: this.refused,
      truncated: false
    };
  }

  async download(_: string, path: string): Promise<Uint8Array> {
    this._note(`download ${path}`);
    return new TextEncoder().encode(this.contents[path]);
  }

  private _note(call: string): void {
    this.calls.push(call);
    if (this.down) {
      throw new RequestError(this.down);
    }
  }
}

/**
 * Sandboxes as the widgets see them, which only note what is asked of them.
 */
export class FakeSandboxes implements ISandboxes {
  list: SandboxState[] | null = [];
  capabilities: SandboxCapabilities | null = capabilities();
  problem: Problem | null = null;
  activities: Record<string, ISandboxActivity> = {};
  refusal: Problem | null = null;
  watchers = 0;
  readonly calls: string[] = [];
  readonly changed: Signal<ISandboxes, void> = new Signal<ISandboxes, void>(
    this
  );

  activity(id: string): ISandboxActivity | null {
    return this.activities[id] ?? null;
  }

  watch(): DisposableDelegate {
    this.watchers += 1;
    return new DisposableDelegate(() => {
      this.watchers -= 1;
    });
  }

  async refresh(): Promise<void> {
    this.calls.push('refresh');
  }

  interrupt = (id: string): Promise<void> => this._note('interrupt', id);
  restart = (id: string, data?: string[]): Promise<void> =>
    this._note('restart', data ? `${id} ${JSON.stringify(data)}` : id);
  stop = (id: string): Promise<void> => this._note('stop', id);

  async addPackages(id: string, names: string[]): Promise<Problem | null> {
    this.calls.push(`add ${names.join(' ')} to ${id}`);
    return this.refusal;
  }

  dismiss(id: string): void {
    this.calls.push(`dismiss ${id}`);
  }

  private async _note(verb: SandboxVerb, id: string): Promise<void> {
    this.calls.push(`${verb} ${id}`);
  }
}
