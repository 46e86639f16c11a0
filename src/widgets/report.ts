import { MainAreaWidget, ToolbarButton } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { downloadIcon, refreshIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import type { ReportFormat } from '../records_api';
import { gptossIcon } from './icon';

/**
 * What can be done with a report.
 */
export interface IReportCallbacks {
  onRefresh: () => void;
  onSave: (format: ReportFormat) => void;
}

/**
 * A page of the server's, shown without any right in this one.
 *
 * #### Notes
 * What a notebook says of itself may be anything. Its report is escaped; and in
 * this frame it could neither run nor load a thing, nor see where it is.
 */
export class ReportFrame extends Widget {
  constructor(title: string) {
    super({ node: document.createElement('div') });
    this.addClass('jp-Gptoss-report');
    this._frame = document.createElement('iframe');
    this._frame.title = title;
    this._frame.setAttribute(
      'sandbox',
      'allow-popups allow-popups-to-escape-sandbox'
    );
    this.node.append(this._frame);
  }

  /**
   * Show a page.
   */
  setPage(html: string): void {
    this._frame.srcdoc = html;
  }

  protected onActivateRequest(): void {
    this._frame.focus();
  }

  private readonly _frame: HTMLIFrameElement;
}

/**
 * Make the tab that shows the report of a notebook.
 */
export function makeReportTab(
  name: string,
  callbacks: IReportCallbacks,
  trans: TranslationBundle
): MainAreaWidget<ReportFrame> {
  const caption = trans.__('Report of generated cells in %1', name);
  const tab = new MainAreaWidget({ content: new ReportFrame(caption) });
  tab.addClass('jp-Gptoss-reportTab');
  tab.title.label = trans.__('Report: %1', name);
  tab.title.caption = caption;
  tab.title.icon = gptossIcon;
  tab.title.closable = true;
  const buttons = [
    ['refresh', trans.__('Make Anew'), callbacks.onRefresh, refreshIcon],
    [
      'md',
      trans.__('Save as Markdown'),
      () => callbacks.onSave('md'),
      downloadIcon
    ],
    [
      'html',
      trans.__('Save as HTML'),
      () => callbacks.onSave('html'),
      downloadIcon
    ]
  ] as const;
  for (const [item, label, onClick, icon] of buttons) {
    const button = new ToolbarButton({ label, onClick, icon });
    tab.toolbar.addItem(item, button);
  }
  return tab;
}
