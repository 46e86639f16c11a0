import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { EngineMemory, EngineMetrics, ModelState } from '../wire/schema';
import { bytesText } from './sandbox_labels';

/**
 * What the model holds and how it does, as far as its engine says so.
 */
export function ModelFigures(props: {
  state: ModelState;
  trans: TranslationBundle;
}): JSX.Element {
  const { trans } = props;
  return (
    <dl className="jp-Gptoss-facts">
      {figuresOf(props.state, trans).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value || (
              <span title={trans.__('Not measured yet')}>
                <span aria-hidden="true">–</span>
                <span className="jp-Gptoss-live">
                  {trans.__('Not measured yet')}
                </span>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/**
 * Names and values. A value that is still to come is empty and keeps its place;
 * one that this engine never tells is left out.
 */
function figuresOf(
  { memory, metrics, queue }: ModelState,
  trans: TranslationBundle
): [string, string][] {
  const tells = Object.values(metrics).some(value => value !== null);
  const speeds: [string, string][] = [
    [trans.__('Speed'), speedText(metrics, trans)],
    [trans.__('First token'), firstTokenText(metrics, trans)]
  ];
  const known: [string, string][] = [
    [trans.__('Memory'), memoryTotal(memory, trans)],
    [trans.__('Cache room'), roomText(memory, trans)],
    [trans.__('Cache hits'), percentText(metrics.cached_fraction, trans)],
    [trans.__('Speculation'), acceptedText(metrics, trans)]
  ];
  return [
    [
      trans.__('Generations'),
      queue.waiting > 0
        ? trans.__('%1 running, %2 waiting', queue.running, queue.waiting)
        : trans.__('%1 running', queue.running)
    ],
    ...(tells ? speeds : []),
    ...known.filter(([, value]) => value !== '')
  ];
}

function speedText(
  { tokens_per_s: speed }: EngineMetrics,
  trans: TranslationBundle
): string {
  return speed === null
    ? ''
    : trans.__('%1 tokens/s', speed.toFixed(speed < 10 ? 1 : 0));
}

function firstTokenText(
  { ttft_s: seconds }: EngineMetrics,
  trans: TranslationBundle
): string {
  if (seconds === null) {
    return '';
  }
  return seconds < 1
    ? trans.__('%1 ms', Math.round(seconds * 1000))
    : trans.__('%1 s', seconds.toFixed(1));
}

function acceptedText(
  { accepted_fraction: fraction }: EngineMetrics,
  trans: TranslationBundle
): string {
  return fraction === null
    ? ''
    : trans.__('%1 accepted', percentText(fraction, trans));
}

function percentText(
  fraction: number | null,
  trans: TranslationBundle
): string {
  return fraction === null ? '' : trans.__('%1 %', Math.round(100 * fraction));
}

function memoryTotal(memory: EngineMemory, trans: TranslationBundle): string {
  const parts =
    memory.weights_bytes === null && memory.kv_bytes === null
      ? null
      : (memory.weights_bytes ?? 0) + (memory.kv_bytes ?? 0);
  const bytes = memory.gpu_bytes ?? memory.resident_bytes ?? parts;
  return bytes === null ? '' : bytesText(bytes, trans);
}

function roomText(
  { kv_tokens: tokens }: EngineMemory,
  trans: TranslationBundle
): string {
  return tokens === null ? '' : trans.__('%1 tokens', tokens.toLocaleString());
}
