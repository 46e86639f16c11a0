import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Resources } from '../wire/schema';
import { secondsText } from './monitor_labels';
import { bytesText } from './sandbox_labels';

/**
 * Something of the machine, and how much of it is taken.
 */
export interface IUse {
  readonly name: string;
  readonly text: string;

  /**
   * How much is taken; null where nobody says.
   */
  readonly percent: number | null;

  /**
   * Said where little is left.
   */
  readonly warning: string;
}

const TIGHT_PERCENT = 90;

/**
 * A server that answers this late feels slow, in seconds.
 */
const LATE_S = 0.5;

/**
 * What the machine has, and how much of it is taken.
 */
export function MonitorResources(props: {
  resources: Resources;
  trans: TranslationBundle;
}): JSX.Element {
  const { resources, trans } = props;
  return (
    <section className="jp-Gptoss-section" aria-label={trans.__('Resources')}>
      <h3>{trans.__('This machine, now')}</h3>
      <dl className="jp-Gptoss-rates">
        {usesOf(resources, trans).map(({ name, text, percent, warning }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span className="jp-Gptoss-use">{text}</span>
              {warning && (
                <span className="jp-Gptoss-service-fix">{warning}</span>
              )}
              {percent !== null && (
                <div
                  className={`jp-Gptoss-meter${warning ? ' jp-mod-tight' : ''}`}
                  aria-hidden="true"
                >
                  <div style={{ width: `${Math.min(100, percent)}%` }} />
                </div>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/**
 * The parts of the machine with what is taken of them, in words.
 */
export function usesOf(
  resources: Resources,
  trans: TranslationBundle
): readonly IUse[] {
  const { memory_bytes: memory, disk_bytes: disk } = resources;
  const { memory_used_bytes: memoryUsed, disk_free_bytes: free } = resources;
  const { cpu_percent: cpu, loop_lag_s: lag } = resources;
  const memoryPercent = share(memoryUsed, memory);
  const diskPercent = share(disk - free, disk);
  return [
    {
      name: trans.__('Processor'),
      text: trans._n(
        '%2 % of %1 core',
        '%2 % of %1 cores',
        resources.cpu_count,
        Math.round(cpu)
      ),
      percent: cpu,
      warning: tight(cpu, trans.__('Nearly all of it is in use.'))
    },
    {
      name: trans.__('Memory'),
      text: trans.__(
        '%1 of %2',
        bytesText(memoryUsed, trans),
        bytesText(memory, trans)
      ),
      percent: memoryPercent,
      warning: tight(memoryPercent, trans.__('Little is left.'))
    },
    {
      name: trans.__('Disk'),
      text:
        disk > 0
          ? trans.__(
              '%1 free of %2',
              bytesText(free, trans),
              bytesText(disk, trans)
            )
          : trans.__('It does not answer.'),
      percent: diskPercent,
      warning: tight(diskPercent, trans.__('Little is left.'))
    },
    {
      name: trans.__('This server'),
      text: trans.__(
        '%1 of memory; answers at most %2 late',
        bytesText(resources.server_bytes, trans),
        secondsText(lag, trans)
      ),
      percent: null,
      warning:
        lag > LATE_S ? trans.__('Something keeps it from answering.') : ''
    },
    ...gpuUses(resources, trans)
  ];
}

function gpuUses({ gpus }: Resources, trans: TranslationBundle): IUse[] {
  return gpus.map((gpu, at) => {
    const { memory_used_bytes: used, memory_bytes: all } = gpu;
    const told = [
      gpu.used_percent === null
        ? ''
        : trans.__('%1 % busy', Math.round(gpu.used_percent)),
      used === null || all === null
        ? ''
        : trans.__('%1 of %2', bytesText(used, trans), bytesText(all, trans))
    ].filter(Boolean);
    return {
      name:
        gpus.length > 1
          ? trans.__('GPU %1, %2', at + 1, gpu.name)
          : trans.__('GPU %1', gpu.name),
      text: told.join(' · ') || trans.__('Its driver does not say.'),
      percent: gpu.used_percent,
      warning: ''
    };
  });
}

function share(used: number, all: number): number | null {
  return all > 0 ? Math.max(0, Math.min(100, (100 * used) / all)) : null;
}

function tight(percent: number | null, warning: string): string {
  return percent !== null && percent >= TIGHT_PERCENT ? warning : '';
}
