import type { TranslationBundle } from '@jupyterlab/translation';
import {
  ReactWidget,
  UseSignal,
  downloadIcon,
  refreshIcon,
  saveIcon
} from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';

import type { ISaving, SandboxFilesModel } from '../model/sandbox_files';
import type { SandboxFile } from '../wire/schema';
import { problemText } from './labels';
import { bytesText } from './sandbox_labels';
import { SaveForm } from './sandbox_save';

/**
 * What the list of files needs.
 */
export interface IFilesProps {
  model: SandboxFilesModel;
  trans: TranslationBundle;
  onDownload: (path: string) => void;
}

/**
 * The body of the dialog that lists what a sandbox wrote.
 */
export class FilesBody extends ReactWidget {
  constructor(private readonly _props: IFilesProps) {
    super();
    this.addClass('jp-Gptoss-dialog');
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this._props.model.changed}>
        {() => <Files {...this._props} />}
      </UseSignal>
    );
  }
}

/**
 * The files of a sandbox's working folder, and the way out for each.
 */
export function Files(props: IFilesProps): JSX.Element {
  const { model, trans } = props;
  const { files, problem } = model;
  const said = problem && problemText(problem, trans);
  return (
    <div className="jp-Gptoss-files">
      <div className="jp-Gptoss-actions">
        <span className="jp-Gptoss-quiet">
          {trans.__('What code wrote in its working folder.')}
        </span>
        <button
          type="button"
          className="jp-Gptoss-icon"
          title={trans.__('Refresh')}
          aria-label={trans.__('Refresh the list of files')}
          onClick={() => void model.refresh()}
        >
          <refreshIcon.react tag="span" />
        </button>
      </div>
      <div className="jp-Gptoss-refusal" role="alert">
        {said && <span>{[said.detail, said.hint].join(' ').trim()}</span>}
      </div>
      {files?.length === 0 && (
        <p className="jp-Gptoss-teach">
          {trans.__(
            'Nothing yet. A file that code in the sandbox writes to a relative path, such as “result.csv”, appears here.'
          )}
        </p>
      )}
      {files && files.length > 0 && (
        <FileTable {...props} files={files} saving={model.saving} />
      )}
      {model.refused > 0 && (
        <p className="jp-Gptoss-quiet">
          {trans._n(
            '%1 entry is left out: a link, or no regular file.',
            '%1 entries are left out: links, or no regular files.',
            model.refused
          )}
        </p>
      )}
      {model.truncated && (
        <p className="jp-Gptoss-quiet">
          {trans.__('There are more files than are listed here.')}
        </p>
      )}
    </div>
  );
}

function FileTable(
  props: IFilesProps & {
    files: readonly SandboxFile[];
    saving: ISaving | null;
  }
): JSX.Element {
  const { trans, saving, model } = props;
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const last = useRef('');
  useEffect(() => {
    // The form that had the keyboard has gone: back to where it came from.
    if (document.activeElement === document.body) {
      buttons.current.get(last.current)?.focus();
    }
    last.current = saving?.path ?? last.current;
  }, [saving]);
  return (
    <table className="jp-Gptoss-table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Name')}</th>
          <th scope="col">{trans.__('Size')}</th>
          <th scope="col">{trans.__('Modified')}</th>
          <th scope="col">
            <span className="jp-Gptoss-live">{trans.__('Actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.files.map(file => (
          <React.Fragment key={file.path}>
            <FileRow
              {...props}
              file={file}
              onSaveButton={node => {
                if (node) {
                  buttons.current.set(file.path, node);
                } else {
                  buttons.current.delete(file.path);
                }
              }}
            />
            {saving?.path === file.path && (
              <tr>
                <td colSpan={4}>
                  <SaveForm model={model} saving={saving} trans={trans} />
                </td>
              </tr>
            )}
          </React.Fragment>
        ))}
      </tbody>
    </table>
  );
}

function FileRow(
  props: IFilesProps & {
    file: SandboxFile;
    onSaveButton: (node: HTMLButtonElement | null) => void;
  }
): JSX.Element {
  const { file, trans, model } = props;
  const { path } = file;
  return (
    <tr>
      <td className="jp-Gptoss-path">{path}</td>
      <td>{bytesText(file.size_bytes, trans)}</td>
      <td>{dateText(file.modified_at)}</td>
      <td>
        <div className="jp-Gptoss-row-verbs">
          <button
            ref={props.onSaveButton}
            type="button"
            className="jp-Gptoss-icon"
            title={trans.__('Save…')}
            aria-label={trans.__('Save %1…', path)}
            onClick={() => model.ask(path)}
          >
            <saveIcon.react tag="span" />
          </button>
          <button
            type="button"
            className="jp-Gptoss-icon"
            title={trans.__('Download')}
            aria-label={trans.__('Download %1', path)}
            onClick={() => props.onDownload(path)}
          >
            <downloadIcon.react tag="span" />
          </button>
        </div>
      </td>
    </tr>
  );
}

/**
 * A date as the person's browser writes it.
 */
function dateText(iso: string): string {
  const date = new Date(iso);
  return iso === '' || Number.isNaN(date.getTime())
    ? ''
    : date.toLocaleString(undefined, {
        dateStyle: 'short',
        timeStyle: 'short'
      });
}
