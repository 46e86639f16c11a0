import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { IThemeManager, MainAreaWidget } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { RecordsApi, ReportFormat } from '../records_api';
import { asProblem } from '../request';
import { makeReportTab } from '../widgets/report';
import type { ReportFrame } from '../widgets/report';

/**
 * What reports are made and shown with.
 */
export interface IReportOptions {
  app: JupyterFrontEnd;
  api: Pick<RecordsApi, 'report'>;
  themes: IThemeManager | null;
  trans: TranslationBundle;
}

type Tab = MainAreaWidget<ReportFrame>;

/**
 * Shows what was generated in a notebook, in a tab of its own.
 */
export class Reports {
  constructor(private readonly _options: IReportOptions) {
    _options.themes?.themeChanged.connect(() => {
      this._tabs.forEach((tab, panel) => void this._fill(tab, panel));
    });
  }

  /**
   * Save a notebook and show its report; the one that is open is made anew.
   */
  async open(panel: NotebookPanel): Promise<void> {
    const { app } = this._options;
    const tab = this._tabs.get(panel) ?? this._add(panel);
    if (await this._fill(tab, panel, true)) {
      if (!tab.isAttached) {
        app.shell.add(tab, 'main', { ref: panel.id, mode: 'tab-after' });
      }
      app.shell.activateById(tab.id);
    } else if (!tab.isAttached) {
      tab.dispose();
    }
  }

  /**
   * Write the report beside its notebook, and open it there.
   */
  async save(panel: NotebookPanel, format: ReportFormat): Promise<void> {
    const { api, app, trans } = this._options;
    const { contents } = app.serviceManager;
    const { localPath, path } = panel.context;
    const target = `${path.replace(/\.ipynb$/, '')}.report.${format}`;
    try {
      const content = await api.report(localPath, format);
      if ((await this._exists(target)) && !(await this._mayReplace(target))) {
        return;
      }
      await contents.save(target, { type: 'file', format: 'text', content });
      if (format === 'md') {
        const factory = 'Markdown Preview';
        await app.commands.execute('docmanager:open', {
          path: target,
          factory
        });
      } else {
        const name = PathExt.basename(target);
        const message = trans.__('Saved as %1, beside the notebook.', name);
        Notification.success(message, { autoClose: 4000 });
      }
    } catch (reason) {
      this._tell(reason);
    }
  }

  private _add(panel: NotebookPanel): Tab {
    const tab = makeReportTab(
      PathExt.basename(panel.context.localPath),
      {
        onRefresh: () => void this._fill(tab, panel, true),
        onSave: format => void this.save(panel, format)
      },
      this._options.trans
    );
    tab.id = `gptoss-lab-report-${panel.id}`;
    this._tabs.set(panel, tab);
    tab.disposed.connect(() => this._tabs.delete(panel));
    panel.disposed.connect(() => tab.dispose());
    return tab;
  }

  /**
   * Put the report into its tab; false where there is none.
   */
  private async _fill(
    tab: Tab,
    panel: NotebookPanel,
    save = false
  ): Promise<boolean> {
    try {
      if (save) {
        await this._saveNotebook(panel);
      }
      const html = await this._options.api.report(
        panel.context.localPath,
        'html',
        this._theme()
      );
      tab.content.setPage(html);
      return true;
    } catch (reason) {
      this._tell(reason);
      return false;
    }
  }

  /**
   * The report is made of the file: what is on the screen goes there first.
   */
  private async _saveNotebook({ context }: NotebookPanel): Promise<void> {
    if (context.model.dirty && !context.model.readOnly) {
      await context.save();
    }
    if (context.model.dirty) {
      Notification.warning(
        this._options.trans.__(
          'The notebook could not be saved: the report is of the file as it is.'
        ),
        { autoClose: 5000 }
      );
    }
  }

  private async _exists(path: string): Promise<boolean> {
    const { contents } = this._options.app.serviceManager;
    try {
      await contents.get(path, { content: false });
      return true;
    } catch {
      // The server says so with an error.
      return false;
    }
  }

  private async _mayReplace(path: string): Promise<boolean> {
    const { trans } = this._options;
    const { button } = await showDialog({
      title: trans.__('Replace %1?', PathExt.basename(path)),
      body: trans.__('A file of this name is beside the notebook already.'),
      buttons: [
        Dialog.cancelButton(),
        Dialog.warnButton({ label: trans.__('Replace') })
      ]
    });
    return button.accept;
  }

  private _theme(): 'auto' | 'light' | 'dark' {
    const { themes } = this._options;
    const { theme } = themes ?? {};
    if (!themes || !theme) {
      return 'auto';
    }
    return themes.isLight(theme) ? 'light' : 'dark';
  }

  private _tell(reason: unknown): void {
    const { detail, hint } = asProblem(reason);
    Notification.error([detail, hint].filter(Boolean).join(' '), {
      autoClose: 8000
    });
  }

  private readonly _tabs = new Map<NotebookPanel, Tab>();
}
