import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PageConfig, PathExt } from '@jupyterlab/coreutils';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';

import { GenerationApi } from '../api';
import { CommandIDs } from '../commands';
import { PaperDesk } from '../model/paper_desk';
import { isPaperName, paperName } from '../model/paper_names';
import {
  MAX_PAPER_BYTES,
  PaperRefused,
  uploadPaper
} from '../model/paper_upload';
import { PaperWatch } from '../model/paper_watch';
import type { IAsk, IGenerationApi } from '../tokens';
import type { IPanelOptions } from '../widgets/panel_body';
import { askExisting, pickPaper } from '../widgets/paper_dialogs';
import type { IDropVerbs } from '../widgets/paper_drop';
import { refusalText } from '../widgets/paper_labels';

/**
 * What the section of the paper works with.
 */
export interface IPaperWiring {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  browser: IDefaultFileBrowser | null;
  state: IStateDB | null;
  trans: TranslationBundle;
  api?: Pick<IGenerationApi, 'generate' | 'job' | 'cancel' | 'events'>;

  /**
   * Ask for cells; refused while others are made.
   */
  generate: (ask: Pick<IAsk, 'task' | 'language' | 'paper'>) => void;

  /**
   * Draw the panel again.
   */
  redraw: () => void;
}

/**
 * What the panel shows of papers, and what is done with files that are given.
 */
export interface IPaperParts extends IDropVerbs {
  options: Pick<
    IPanelOptions,
    'paper' | 'noted' | 'notebook' | 'onMakeNotebook'
  >;
  desk: PaperDesk;
}

/**
 * Wire the section of the paper to the server, its files and the notebooks.
 */
export function paperWiring(parts: IPaperWiring): IPaperParts {
  const { app, tracker, browser, state, trans } = parts;
  const notebook = () => tracker.currentWidget?.context.path ?? '';
  const desk = new PaperDesk({
    api: parts.api ?? new GenerationApi(app.serviceManager.serverSettings),
    state,
    schedule: run => void window.setTimeout(run, document.hidden ? 100 : 16),
    notebook,
    taskFor: uri => trans.__('Read %1', paperName(uri))
  });
  const upload = new Upload(parts, desk, notebook);
  const read = (path: string) => void desk.read(path);
  return {
    desk,
    options: {
      noted: new PaperWatch(tracker),
      notebook,
      onMakeNotebook: (task, language) => {
        const paper = desk.ask;
        const title = desk.told?.paper?.title ?? '';
        if (paper) {
          parts.generate({
            task:
              task.trim() || trans.__('Implement “%1”.', title || paper.uri),
            language,
            paper
          });
        }
      },
      paper: {
        desk,
        root: PageConfig.getOption('serverRoot'),
        paperNote: () => upload.note,
        onUpload: file => void upload.take(file),
        onOpenPlace: target =>
          void app.commands.execute(CommandIDs.openPlace, { ...target }),
        onBrowsePaper: browser
          ? () =>
              void pickPaper(browser, trans).then(path => path && read(path))
          : undefined
      }
    },
    onFiles: files => {
      const file = files.find(({ name }) => isPaperName(name)) ?? files[0];
      if (file) {
        desk.work(true);
        void upload.take(file);
      }
    },
    onPaths: paths => {
      const path = paths.find(isPaperName);
      desk.work(true);
      if (path) {
        upload.clear();
        read(app.serviceManager.contents.localPath(path));
      } else {
        upload.refuse(
          new PaperRefused('name', PathExt.basename(paths[0] ?? ''))
        );
      }
    }
  };
}

/**
 * Puts a file of the person's machine beside their notebook and has it read.
 */
class Upload {
  constructor(
    private readonly _parts: IPaperWiring,
    private readonly _desk: PaperDesk,
    private readonly _notebook: () => string
  ) {}

  get note(): { text: string; wrong: boolean } {
    return this._note;
  }

  clear(): void {
    this._say('');
  }

  refuse(refused: PaperRefused): void {
    const { trans } = this._parts;
    this._say(refusalText(refused, MAX_PAPER_BYTES, trans), true);
  }

  async take(file: File): Promise<void> {
    const { app, browser, trans } = this._parts;
    this._sending?.abort();
    const sending = new AbortController();
    this._sending = sending;
    const notebook = this._notebook();
    try {
      const path = await uploadPaper(file, {
        contents: app.serviceManager.contents,
        folder: notebook
          ? PathExt.dirname(notebook)
          : (browser?.model.path ?? ''),
        signal: sending.signal,
        onExisting: name => askExisting(name, trans),
        onProgress: part =>
          this._say(trans.__('Uploading: %1 %', Math.round(100 * part)))
      });
      if (sending.signal.aborted) {
        return;
      }
      this.clear();
      if (path !== null) {
        await this._desk.read(app.serviceManager.contents.localPath(path));
      }
    } catch (reason) {
      if (!(reason instanceof PaperRefused)) {
        throw reason;
      }
      this.refuse(reason);
    }
  }

  private _say(text: string, wrong = false): void {
    this._note = { text, wrong };
    this._parts.redraw();
  }

  private _note = { text: '', wrong: false };
  private _sending: AbortController | null = null;
}
