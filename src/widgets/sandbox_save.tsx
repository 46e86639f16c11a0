import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ISaving, SandboxFilesModel } from '../model/sandbox_files';
import { problemText } from './labels';

/**
 * Where a file is saved, and what came of it.
 */
export function SaveForm(props: {
  model: SandboxFilesModel;
  saving: ISaving;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, saving, trans } = props;
  const { state, target } = saving;
  const said = saving.problem && problemText(saving.problem, trans);
  if (state === 'saved') {
    return (
      <p className="jp-Gptoss-outcome" role="status">
        {trans.__('Saved as %1.', target)}
      </p>
    );
  }
  const replace = state === 'exists';
  return (
    <form
      className="jp-Gptoss-save"
      onSubmit={event => {
        event.preventDefault();
        void model.save(replace);
      }}
    >
      <div className="jp-Gptoss-add">
        <input
          type="text"
          className="jp-mod-styled"
          value={target}
          autoFocus
          spellCheck={false}
          readOnly={state === 'saving'}
          aria-label={trans.__('Save as')}
          onChange={event => model.retarget(event.target.value)}
        />
        <button
          type="submit"
          className={`jp-Gptoss-button ${replace ? 'jp-mod-stop' : 'jp-mod-primary'}`}
          disabled={target.trim() === ''}
        >
          {replace ? trans.__('Replace') : trans.__('Save')}
        </button>
        <button
          type="button"
          className="jp-Gptoss-button"
          onClick={() => model.cancel()}
        >
          {trans.__('Cancel')}
        </button>
      </div>
      <div className="jp-Gptoss-hint" role="alert">
        {replace
          ? trans.__(
              'There is a file with this name. Replace it, or write another name.'
            )
          : ''}
        {said ? [said.detail, said.hint].join(' ').trim() : ''}
      </div>
    </form>
  );
}
