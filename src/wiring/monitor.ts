import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';

import { MonitorWatch } from '../model/monitor';
import type { IMonitorApi } from '../model/monitor';
import { MonitorApi } from '../monitor_api';
import type { IGenerationManager } from '../tokens';
import type { IPanelOptions } from '../widgets/panel_body';

/**
 * What the tab of the figures works with.
 */
export interface IMonitorWiring {
  app: JupyterFrontEnd;
  manager: Pick<IGenerationManager, 'job' | 'changed'>;
  api?: IMonitorApi;
}

/**
 * Wire the tab of the figures to the server.
 */
export function monitorWiring({
  app,
  manager,
  api = new MonitorApi(app.serviceManager.serverSettings)
}: IMonitorWiring): Pick<
  IPanelOptions,
  'monitor' | 'monitorVerbs' | 'onMonitor'
> {
  const monitor = new MonitorWatch(api);
  followEnds(manager, monitor);
  let watching: IDisposable | null = null;
  return {
    monitor,
    monitorVerbs: {
      onCopy: text => Clipboard.copyToSystem(text),
      onExport: figures =>
        download(
          `gptoss-monitor-${figures.at.replace(/[^\dTZ]+/g, '-')}.json`,
          `${JSON.stringify(figures, null, 2)}\n`
        )
    },
    onMonitor: shown => {
      watching?.dispose();
      watching = shown ? monitor.watch() : null;
    }
  };
}

/**
 * Ask for the figures again when the person's own job has ended.
 */
function followEnds(
  manager: IMonitorWiring['manager'],
  monitor: MonitorWatch
): void {
  let known = '';
  manager.changed.connect(() => {
    const { job } = manager;
    const now = job?.ended ? job.id : '';
    if (now !== known) {
      known = now;
      if (now) {
        void monitor.refresh();
      }
    }
  }, monitor);
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(
    new Blob([text], { type: 'application/json' })
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  // The browser reads it after the click.
  window.setTimeout(() => URL.revokeObjectURL(url), 1000);
}
