import type { TranslationBundle } from '@jupyterlab/translation';
import {
  LabIcon,
  closeIcon,
  extensionIcon,
  fileIcon,
  folderIcon,
  launchIcon,
  pdfIcon
} from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { DocSourceInput } from '../wire/schema';
import { sourceName } from './labels';

/**
 * What the list of sources needs.
 */
export interface ISourcesProps {
  sources: readonly DocSourceInput[];
  trans: TranslationBundle;

  /**
   * Add what was typed; returns why it was not added, or nothing.
   */
  onAdd: (text: string) => string;
  onRemove: (uri: string) => void;

  /**
   * Open the file dialog; absent where there is no file browser.
   */
  onBrowse?: (kind: 'folder' | 'file') => void;
}

/**
 * The documentation that is used: chips, and a field to add more.
 */
export function Sources(props: ISourcesProps): JSX.Element {
  const { trans } = props;
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState('');
  const add = () => {
    const reason = props.onAdd(text);
    setRefusal(reason);
    if (!reason) {
      setText('');
    }
  };
  return (
    <section className="jp-Gptoss-section">
      <h3 id="jp-Gptoss-sources-label">{trans.__('Documentation')}</h3>
      {props.sources.length > 0 && (
        <ul
          className="jp-Gptoss-chips"
          aria-labelledby="jp-Gptoss-sources-label"
        >
          {props.sources.map(source => (
            <Chip
              key={source.uri}
              source={source}
              trans={trans}
              onRemove={() => props.onRemove(source.uri)}
            />
          ))}
        </ul>
      )}
      <form
        className="jp-Gptoss-add"
        onSubmit={event => {
          event.preventDefault();
          add();
        }}
      >
        <input
          type="text"
          className="jp-mod-styled"
          value={text}
          placeholder={trans.__('Package, URL or path')}
          aria-label={trans.__('Add documentation')}
          aria-describedby="jp-Gptoss-sources-refusal"
          spellCheck={false}
          onChange={event => {
            setText(event.target.value);
            setRefusal('');
          }}
        />
        <button
          type="submit"
          className="jp-Gptoss-button"
          disabled={text.trim() === ''}
        >
          {trans.__('Add')}
        </button>
      </form>
      <div
        id="jp-Gptoss-sources-refusal"
        className="jp-Gptoss-hint"
        role="status"
      >
        {refusal}
      </div>
      {props.onBrowse && (
        <div className="jp-Gptoss-browse">
          <button
            type="button"
            className="jp-Gptoss-link"
            onClick={() => props.onBrowse?.('file')}
          >
            {trans.__('File or PDF…')}
          </button>
          <button
            type="button"
            className="jp-Gptoss-link"
            onClick={() => props.onBrowse?.('folder')}
          >
            {trans.__('Folder…')}
          </button>
        </div>
      )}
    </section>
  );
}

function Chip(props: {
  source: DocSourceInput;
  trans: TranslationBundle;
  onRemove: () => void;
}): JSX.Element {
  const { source, trans } = props;
  const name = sourceName(source);
  return (
    <li className="jp-Gptoss-chip" title={source.uri}>
      <LabIcon.resolveReact
        icon={iconOf(source)}
        className="jp-Gptoss-chip-icon"
        tag="span"
      />
      <span className="jp-Gptoss-chip-name">{name}</span>
      <button
        type="button"
        className="jp-Gptoss-chip-remove"
        aria-label={trans.__('Remove %1', name)}
        onClick={props.onRemove}
      >
        <closeIcon.react tag="span" width="12px" height="12px" />
      </button>
    </li>
  );
}

function iconOf(source: DocSourceInput): LabIcon {
  if (/\.pdf$/i.test(source.uri)) {
    return pdfIcon;
  }
  switch (source.kind) {
    case 'package':
    case 'r-package':
      return extensionIcon;
    case 'url':
      return launchIcon;
    case 'folder':
      return folderIcon;
    default:
      return fileIcon;
  }
}
