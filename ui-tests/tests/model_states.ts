import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { ModelPlan, ModelState, Option } from '../../src/wire/schema';

const GIB = 1024 ** 3;

const NO_METRICS: ModelState['metrics'] = {
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

export const STOPPED: ModelState = {
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
  memory: {
    weights_bytes: null,
    kv_bytes: null,
    kv_tokens: null,
    resident_bytes: null,
    gpu_bytes: null
  },
  metrics: NO_METRICS,
  queue: { running: 0, waiting: 0, slots: 4 },
  restarts: 0,
  started_at: '',
  can_start: true,
  can_stop: false,
  found: [
    {
      name: 'Ollama',
      url: 'http://127.0.0.1:11434/v1',
      models: ['gpt-oss:20b']
    }
  ]
};

const STARTED = { ...STOPPED, can_start: false, can_stop: true, found: [] };

export const DOWNLOADING: ModelState = {
  ...STARTED,
  phase: 'downloading',
  progress: {
    percent: 21,
    remaining_s: 412,
    elapsed_s: 118,
    done_bytes: 3.4 * GIB,
    total_bytes: 12.8 * GIB,
    message: 'model-00001-of-00002.safetensors'
  }
};

export const LOADING: ModelState = {
  ...STARTED,
  phase: 'loading_weights',
  progress: {
    percent: 43,
    remaining_s: 18,
    elapsed_s: 14,
    done_bytes: 0,
    total_bytes: 0,
    message: '1 of 3 parts'
  }
};

/**
 * The first start on a machine: nobody knows how long it takes.
 */
export const FIRST: ModelState = {
  ...STARTED,
  phase: 'compiling',
  progress: {
    percent: null,
    remaining_s: null,
    elapsed_s: 37,
    done_bytes: 0,
    total_bytes: 0,
    message: ''
  }
};

export const READY: ModelState = {
  ...STARTED,
  phase: 'busy',
  memory: {
    weights_bytes: 12.8 * GIB,
    kv_bytes: 1.4 * GIB,
    kv_tokens: 28160,
    resident_bytes: null,
    gpu_bytes: 15.1 * GIB
  },
  metrics: {
    ...NO_METRICS,
    running: 1,
    waiting: 0,
    ttft_s: 0.21,
    tokens_per_s: 86.4,
    cached_fraction: 0.83,
    accepted_fraction: 0.61
  },
  queue: { running: 1, waiting: 2, slots: 4 },
  started_at: '2026-11-26T10:00:00+00:00'
};

export const FAILED: ModelState = {
  ...STOPPED,
  phase: 'failed',
  found: [],
  failure: {
    phase: 'loading_weights',
    code: 'oom_gpu',
    message: 'The GPU has too little free memory: 9.1 of 24 GB are free.',
    hint: 'End what uses it, or set a smaller max_model_len.',
    log_tail: [
      'INFO Starting to load model openai/gpt-oss-20b',
      'ERROR torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 12.80 GiB.',
      'ERROR Engine core initialization failed.'
    ]
  }
};

const OPTION: Option = {
  engine: 'vllm',
  title: 'vLLM on NVIDIA L4',
  fits: true,
  reasons: ['The cache holds about 28,000 tokens.'],
  hint: '',
  device: 'cuda',
  max_model_len: 32768,
  kv_cache_dtype: 'auto',
  gpu_memory_utilization: 0.85,
  kv_cache_bytes: null,
  tensor_parallel_size: 1,
  memory_bytes: 15.1 * GIB,
  disk_bytes: 12.8 * GIB,
  speed: 'about 80 tokens/s',
  install: '',
  flags: []
};

export const PLAN: ModelPlan = {
  model: 'openai/gpt-oss-20b',
  hardware: {
    gpus: [
      {
        index: 0,
        name: 'NVIDIA L4',
        kind: 'cuda',
        total_bytes: 23.6 * GIB,
        free_bytes: 22 * GIB,
        capability: '8.9',
        driver: '570.1',
        uuid: ''
      }
    ],
    cpu: 'Xeon',
    cores: 8,
    cpu_features: [],
    memory_bytes: 64 * GIB,
    available_bytes: 51 * GIB,
    disk_free_bytes: 212 * GIB,
    system: 'Linux',
    machine: 'x86_64',
    missing: []
  },
  options: [
    OPTION,
    {
      ...OPTION,
      engine: 'transformers',
      title: 'Transformers in bf16',
      fits: false,
      reasons: ['It needs 42 GB on the GPU; 22 GB are free.'],
      hint: 'It would work on the processor, at about one word a second.',
      memory_bytes: 42 * GIB,
      speed: '',
      install: 'jupyter gptoss model install transformers'
    }
  ],
  chosen: 0,
  summary: 'gpt-oss-20b fits the GPU, with room for long answers.',
  found: []
};

/**
 * A server whose model stands as the test says.
 */
export class StubbedModel {
  state: ModelState = STOPPED;
  readonly asked: string[] = [];

  /**
   * What a start leads to.
   */
  afterStart: ModelState = LOADING;

  async serve(page: IJupyterLabPageFixture): Promise<void> {
    await page.route(/\/api\/v1\/model(\/|\?|$)/, async (route, request) => {
      const path = new URL(request.url()).pathname.split('/api/v1/model')[1];
      this.asked.push(`${request.method()} ${path}`.trim());
      if (path === '/start') {
        this.state = this.afterStart;
      } else if (path === '/stop') {
        this.state = STOPPED;
      }
      const answers: Record<string, unknown> = {
        '/plan': PLAN,
        '/logs': { lines: this.state.failure?.log_tail ?? ['INFO Loading'] }
      };
      await route.fulfill({
        status: path === '/start' ? 202 : 200,
        json: answers[path ?? ''] ?? this.state
      });
    });
  }
}
