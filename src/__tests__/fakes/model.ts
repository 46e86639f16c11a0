import { DisposableDelegate } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type {
  IModelActivity,
  IModelApi,
  IModelService
} from '../../model_tokens';
import { RequestError } from '../../request';
import type {
  EngineFailure,
  EngineProgress,
  ModelLogs,
  ModelPlan,
  ModelState,
  Option,
  Problem,
  StartRequest
} from '../../wire/schema';

const GIB = 1024 ** 3;

export const NO_METRICS: ModelState['metrics'] = {
  running: null,
  waiting: null,
  ttft_s: null,
  tokens_per_s: null,
  prompt_tokens: null,
  cached_tokens: null,
  generated_tokens: null,
  cached_fraction: null,
  kv_usage: null,
  accepted_fraction: null
};

export const NO_MEMORY: ModelState['memory'] = {
  weights_bytes: null,
  kv_bytes: null,
  kv_tokens: null,
  resident_bytes: null,
  gpu_bytes: null
};

/**
 * A hosted model that was stopped, but for the given fields.
 */
export function modelState(fields: Partial<ModelState> = {}): ModelState {
  return {
    engine: 'vllm',
    phase: 'stopped',
    hosted: true,
    model: 'gpt-oss-20b',
    source: 'openai/gpt-oss-20b',
    revision: '6cee5e81ee83917806bbde320786a8fb61efebee',
    version: '0.32.0',
    max_model_len: 32768,
    progress: null,
    failure: null,
    memory: NO_MEMORY,
    metrics: NO_METRICS,
    queue: { running: 0, waiting: 0, slots: 4 },
    restarts: 0,
    started_at: '',
    can_start: true,
    can_stop: false,
    found: [],
    ...fields
  };
}

export function progress(fields: Partial<EngineProgress> = {}): EngineProgress {
  return {
    percent: null,
    remaining_s: null,
    elapsed_s: 12,
    done_bytes: 0,
    total_bytes: 0,
    message: '',
    ...fields
  };
}

export function loading(
  fields: Partial<EngineProgress> = {},
  phase: ModelState['phase'] = 'loading_weights'
): ModelState {
  return modelState({
    phase,
    progress: progress(fields),
    can_start: false,
    can_stop: true
  });
}

/**
 * A hosted model that answers, but for the given fields.
 */
export function ready(fields: Partial<ModelState> = {}): ModelState {
  return modelState({
    phase: 'ready',
    can_start: false,
    can_stop: true,
    ...fields
  });
}

/**
 * Somebody else's server, which simply works.
 */
export function attached(fields: Partial<ModelState> = {}): ModelState {
  return modelState({
    engine: 'attached',
    phase: 'ready',
    hosted: false,
    source: 'http://127.0.0.1:8000/v1',
    revision: '',
    can_start: false,
    ...fields
  });
}

export function failure(fields: Partial<EngineFailure> = {}): EngineFailure {
  return {
    phase: 'loading_weights',
    code: 'oom_gpu',
    message: 'The GPU has too little free memory.',
    hint: 'Close what uses it, or lower max_model_len.',
    log_tail: ['torch.OutOfMemoryError'],
    ...fields
  };
}

export function failed(fields: Partial<EngineFailure> = {}): ModelState {
  return modelState({ phase: 'failed', failure: failure(fields) });
}

export function option(fields: Partial<Option> = {}): Option {
  return {
    engine: 'vllm',
    title: 'vLLM on one GPU',
    fits: true,
    reasons: [],
    hint: '',
    device: 'cuda',
    max_model_len: 32768,
    kv_cache_dtype: 'auto',
    gpu_memory_utilization: 0.85,
    kv_cache_bytes: null,
    tensor_parallel_size: 1,
    memory_bytes: 14 * GIB,
    disk_bytes: 13 * GIB,
    speed: '',
    install: '',
    flags: [],
    ...fields
  };
}

export function plan(fields: Partial<ModelPlan> = {}): ModelPlan {
  return {
    model: 'openai/gpt-oss-20b',
    hardware: {
      gpus: [],
      cpu: 'Xeon',
      cores: 8,
      cpu_features: [],
      memory_bytes: 64 * GIB,
      available_bytes: 40 * GIB,
      disk_free_bytes: 200 * GIB,
      system: 'Linux',
      machine: 'x86_64',
      missing: []
    },
    options: [option()],
    chosen: 0,
    summary: '',
    found: [],
    ...fields
  };
}

/**
 * A server with a model, in memory. `down` refuses everything; what waits for
 * `release` answers then.
 */
export class FakeModelApi implements IModelApi {
  now = modelState();
  fits = plan();
  lines: string[] = [];
  down: Problem | null = null;
  readonly calls: string[] = [];
  readonly held = new Map<string, Promise<void>>();

  async state(): Promise<ModelState> {
    const { now } = this;
    await this._note('state');
    return now;
  }

  async start(request: StartRequest): Promise<ModelState> {
    await this._note(request.attach ? `attach ${request.attach}` : 'start');
    this.now = request.attach ? attached() : loading({}, 'starting');
    return this.now;
  }

  async stop(): Promise<ModelState> {
    await this._note('stop');
    this.now = modelState();
    return this.now;
  }

  async plan(): Promise<ModelPlan> {
    await this._note('plan');
    return this.fits;
  }

  async logs(): Promise<ModelLogs> {
    await this._note('logs');
    return { lines: this.lines };
  }

  /**
   * Keep the answers to a call back until the returned function is called.
   */
  hold(call: string): () => void {
    let release = (): void => undefined;
    this.held.set(
      call,
      new Promise(resolve => {
        release = resolve;
      })
    );
    return () => {
      this.held.delete(call);
      release();
    };
  }

  count(call: string): number {
    return this.calls.filter(one => one === call).length;
  }

  private async _note(call: string): Promise<void> {
    this.calls.push(call);
    await this.held.get(call);
    if (this.down) {
      throw new RequestError(this.down);
    }
  }
}

/**
 * The model as the panel sees it, which only notes what is asked of it.
 */
export class FakeModel implements IModelService {
  state: ModelState | null = null;
  problem: Problem | null = null;
  activity: IModelActivity | null = null;
  plan: ModelPlan | Problem | null = null;
  logs: readonly string[] | Problem | null = null;
  watchers = 0;
  readonly calls: string[] = [];
  readonly changed: Signal<IModelService, void> = new Signal<
    IModelService,
    void
  >(this);

  watch(): DisposableDelegate {
    this.watchers += 1;
    return new DisposableDelegate(() => {
      this.watchers -= 1;
    });
  }

  refresh = (): Promise<void> => this._note('refresh');
  start = (): Promise<void> => this._note('start');
  attach = (url: string): Promise<void> => this._note(`attach ${url}`);
  stop = (): Promise<void> => this._note('stop');
  askPlan = (): Promise<void> => this._note('plan');
  askLogs = (): Promise<void> => this._note('logs');
  dismiss = (): void => void this._note('dismiss');

  private async _note(call: string): Promise<void> {
    this.calls.push(call);
  }
}
