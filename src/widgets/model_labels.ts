import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { EngineProgress, Hardware, ModelState } from '../wire/schema';
import { bytesText, timeText } from './sandbox_labels';

/**
 * Say what the model does now.
 */
export function modelPhaseText(
  phase: ModelState['phase'],
  trans: TranslationBundle
): string {
  switch (phase) {
    case 'unconfigured':
      return trans.__('Not set up');
    case 'stopped':
      return trans.__('Stopped');
    case 'resolving':
      return trans.__('Looking for the weights');
    case 'downloading':
      return trans.__('Downloading the weights');
    case 'starting':
      return trans.__('Starting the engine');
    case 'loading_weights':
      return trans.__('Loading the weights');
    case 'compiling':
      return trans.__('Compiling for this machine');
    case 'allocating_kv':
      return trans.__('Making room for the cache');
    case 'capturing_graphs':
      return trans.__('Preparing the GPU');
    case 'warming':
      return trans.__('Warming up');
    case 'ready':
      return trans.__('Ready');
    case 'busy':
      return trans.__('Answering');
    case 'sleeping':
      return trans.__('Asleep');
    case 'draining':
      return trans.__('Stopping');
    case 'restarting':
      return trans.__('Starting again after a crash');
    case 'failed':
      return trans.__('Failed');
    default:
      return phase;
  }
}

/**
 * Name the model, as short as it stays clear; empty where there is none.
 */
export function modelName(state: Pick<ModelState, 'model' | 'source'>): string {
  return state.model || PathExt.basename(state.source.replace(/[/\\]+$/, ''));
}

/**
 * Say where the weights come from: of a folder, no more than its end.
 */
export function sourceText(source: string): string {
  const parts = source.split(/[/\\]/).filter(Boolean);
  const isFolder = /^([/\\~]|[A-Za-z]:[/\\])/.test(source);
  return isFolder && parts.length > 2
    ? `…/${parts.slice(-2).join('/')}`
    : source;
}

/**
 * Name the engine and its version.
 */
export function engineText(
  { engine, version }: Pick<ModelState, 'engine' | 'version'>,
  trans: TranslationBundle
): string {
  switch (engine) {
    case 'vllm':
      return version ? trans.__('vLLM %1', version) : trans.__('vLLM');
    case 'transformers':
      return version
        ? trans.__('Transformers %1', version)
        : trans.__('Transformers');
    case 'attached':
      return version
        ? trans.__('attached server (%1)', version)
        : trans.__('attached server');
    default:
      return '';
  }
}

/**
 * A revision as short as people write it.
 */
export function revisionText(revision: string): string {
  return /^[0-9a-f]{12,}$/.test(revision) ? revision.slice(0, 7) : revision;
}

/**
 * Say how long a start will take; empty where that is unknown.
 */
export function remainingText(
  progress: Pick<EngineProgress, 'remaining_s'>,
  trans: TranslationBundle
): string {
  const { remaining_s: left } = progress;
  if (left === null) {
    return '';
  }
  if (left < 3) {
    return trans.__('almost done');
  }
  // Coarser the further off, so that it does not flicker.
  const step = left < 10 ? 1 : left < 60 ? 5 : 60;
  return trans.__(
    'about %1 left',
    timeText(Math.ceil(left / step) * step, trans)
  );
}

/**
 * Say how much of a download has come; empty where nothing is downloaded.
 */
export function downloadText(
  { done_bytes: done, total_bytes: total }: EngineProgress,
  trans: TranslationBundle
): string {
  if (total <= 0) {
    return done > 0 ? bytesText(done, trans) : '';
  }
  return trans.__('%1 of %2', bytesText(done, trans), bytesText(total, trans));
}

/**
 * How far a start has come, in percent; null while it is not known.
 */
export function percentOfStart(progress: EngineProgress | null): number | null {
  const percent = progress?.percent ?? null;
  return percent === null ? null : Math.min(100, Math.floor(percent));
}

/**
 * Say in one sentence how far a start has come.
 */
export function startText(
  state: Pick<ModelState, 'phase' | 'progress'>,
  trans: TranslationBundle
): string {
  const { phase, progress } = state;
  const percent = percentOfStart(progress);
  return [
    modelPhaseText(phase, trans),
    percent === null ? '' : trans.__('%1 %', percent),
    progress ? downloadText(progress, trans) : '',
    progress ? remainingText(progress, trans) : ''
  ]
    .filter(Boolean)
    .join(', ');
}

/**
 * What a screen reader hears when the phase changes: no number that runs.
 */
export function modelAnnouncement(
  state: ModelState | null,
  trans: TranslationBundle
): string {
  if (!state) {
    return '';
  }
  if (state.failure && state.phase === 'failed') {
    return trans.__('The model failed: %1', state.failure.message);
  }
  return state.phase === 'busy'
    ? modelAnnouncement({ ...state, phase: 'ready' }, trans)
    : trans.__('Model: %1', modelPhaseText(state.phase, trans));
}

/**
 * Say what this machine has, as far as a model cares.
 */
export function hardwareText(
  hardware: Hardware,
  trans: TranslationBundle
): string {
  const gpus = hardware.gpus.map(({ name, total_bytes: total }) =>
    trans.__('%1 (%2)', name, bytesText(total, trans))
  );
  return [
    gpus.length > 0 ? gpus.join(', ') : trans.__('no GPU'),
    trans._n('%1 core', '%1 cores', hardware.cores),
    trans.__(
      '%1 of memory, %2 free',
      bytesText(hardware.memory_bytes, trans),
      bytesText(hardware.available_bytes, trans)
    ),
    trans.__('%1 free on disk', bytesText(hardware.disk_free_bytes, trans))
  ].join(' · ');
}
