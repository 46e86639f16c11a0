import { GroupItem, TextItem } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { ISandboxKernel } from '../model/sandbox_kernels';
import type { ISandboxes } from '../tokens';
import type { SandboxState } from '../wire/schema';
import { shieldIcon } from './icon';
import { bytesText, memoryText, timeText } from './sandbox_labels';

/**
 * What the item in the status bar needs.
 */
export interface ISandboxStatusOptions {
  kernel: () => ISandboxKernel | null;
  sandboxes: ISandboxes;
  trans: TranslationBundle;
  onOpen: () => void;
}

/**
 * The item in the status bar: this notebook runs in a sandbox.
 */
export class SandboxStatus extends ReactWidget {
  constructor(private readonly _options: ISandboxStatusOptions) {
    super();
    this.addClass('jp-mod-highlighted');
    _options.sandboxes.changed.connect(this.update, this);
  }

  dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected render(): JSX.Element | null {
    const { trans, sandboxes, onOpen } = this._options;
    const kernel = this._options.kernel();
    if (!kernel) {
      return null;
    }
    const sandbox =
      sandboxes.list?.find(({ id }) => id === kernel.id) ??
      sandboxes.list?.find(({ notebook }) => notebook === kernel.path) ??
      null;
    const text = statusText(kernel, sandbox, trans);
    return (
      <GroupItem
        className="jp-Gptoss-status"
        spacing={2}
        role="button"
        tabIndex={0}
        aria-label={trans.__('%1. Show the sandboxes', text)}
        title={statusTitle(kernel, sandbox, trans)}
        onClick={onOpen}
        onKeyDown={event => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            event.stopPropagation();
            onOpen();
          }
        }}
      >
        <shieldIcon.react tag="span" className="jp-Gptoss-status-icon" />
        <TextItem source={text} />
      </GroupItem>
    );
  }
}

/**
 * Say in a few words that this is a sandbox, and what it uses.
 */
export function statusText(
  kernel: ISandboxKernel,
  sandbox: SandboxState | null,
  trans: TranslationBundle
): string {
  const memory = sandbox?.usage.memory_bytes ?? null;
  return [
    trans.__('Sandbox'),
    memory === null ? '' : bytesText(memory, trans),
    kernel.network ? '' : trans.__('no network')
  ]
    .filter(Boolean)
    .join(' · ');
}

/**
 * Say what keeps this sandbox apart, and its limits.
 */
export function statusTitle(
  kernel: ISandboxKernel,
  sandbox: SandboxState | null,
  trans: TranslationBundle
): string {
  if (!sandbox) {
    return kernel.displayName;
  }
  const { limits } = sandbox;
  const memory = memoryText(sandbox, trans);
  return [
    kernel.displayName,
    sandbox.isolation && trans.__('Isolation: %1', sandbox.isolation),
    sandbox.image && trans.__('Image: %1', sandbox.image),
    memory && trans.__('Memory: %1', memory),
    trans.__(
      'Limits: %1 memory, %2 CPU, %3 processes, %4 disk',
      bytesText(limits.memory_bytes, trans),
      String(limits.cpus),
      String(limits.pids),
      bytesText(limits.disk_bytes, trans)
    ),
    trans.__('Ends when unused for %1', timeText(limits.idle_s, trans)),
    sandbox.data.length > 0 &&
      trans.__('/data: %1, read-only', sandbox.data.join(', '))
  ]
    .filter(Boolean)
    .join('\n');
}
