import type { TranslationBundle } from '@jupyterlab/translation';
import {
  closeIcon,
  extensionIcon,
  folderIcon,
  refreshIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ISandboxActivity } from '../tokens';
import type { SandboxState } from '../wire/schema';
import { problemText } from './labels';
import { Figures } from './sandbox_figures';
import {
  endText,
  languageText,
  phaseText,
  sandboxName,
  timeText
} from './sandbox_labels';

/**
 * Whom a row tells what the person wants.
 */
export interface ISandboxCallbacks {
  onInterrupt: (sandbox: SandboxState) => void;
  onRestart: (sandbox: SandboxState) => void;
  onStop: (sandbox: SandboxState) => void;

  /**
   * Take what has ended off the list.
   */
  onRemove: (sandbox: SandboxState) => void;
  onPackages: (sandbox: SandboxState) => void;
  onFiles: (sandbox: SandboxState) => void;
  onDismiss: (sandbox: SandboxState) => void;
}

/**
 * What a row needs.
 */
export interface ISandboxRowProps extends ISandboxCallbacks {
  sandbox: SandboxState;

  /**
   * The isolation that is said above the rows.
   */
  usual: string;
  activity: ISandboxActivity | null;
  trans: TranslationBundle;
  onFocus: () => void;
}

/**
 * One sandbox: what it is for, what it uses, and what can be done with it.
 */
export function SandboxRow(props: ISandboxRowProps): JSX.Element {
  const { sandbox, trans, activity } = props;
  const name = sandboxName(sandbox, trans);
  const verb = activity?.running ? activity.verb : null;
  const id = `jp-Gptoss-sandbox-${sandbox.id}`;
  return (
    <li
      className={`jp-Gptoss-row jp-mod-${sandbox.phase}`}
      aria-labelledby={id}
      onFocus={props.onFocus}
    >
      <div className="jp-Gptoss-row-head">
        <span className="jp-Gptoss-row-dot" aria-hidden="true" />
        <span
          id={id}
          className="jp-Gptoss-row-name"
          title={sandbox.notebook || name}
        >
          {name}
        </span>
        <span className="jp-Gptoss-quiet">
          {phaseText(sandbox.phase, verb, trans)}
        </span>
      </div>
      <div className="jp-Gptoss-row-facts" title={detailsOf(sandbox)}>
        <span>{languageText(sandbox.language, trans)}</span>
        {sandbox.profile !== '' && <span>{sandbox.profile}</span>}
        <span>
          {sandbox.phase === 'ended'
            ? trans.__('ran %1', timeText(sandbox.uptime_s, trans))
            : trans.__('up %1', timeText(sandbox.uptime_s, trans))}
        </span>
        {sandbox.isolation !== '' && sandbox.isolation !== props.usual && (
          <span>{sandbox.isolation}</span>
        )}
      </div>
      <Figures sandbox={sandbox} name={name} trans={trans} />
      <Notes sandbox={sandbox} trans={trans} />
      <Refusal {...props} name={name} />
      <Verbs {...props} name={name} busy={verb !== null} />
    </li>
  );
}

function Notes(props: {
  sandbox: SandboxState;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { sandbox, trans } = props;
  const end = endText(sandbox, trans);
  if (end === '' && sandbox.data.length === 0 && sandbox.last_error === '') {
    return null;
  }
  return (
    <ul className="jp-Gptoss-notes">
      {sandbox.data.length > 0 && (
        <li className="jp-mod-data">
          {trans.__('/data: %1, read-only', sandbox.data.join(', '))}
        </li>
      )}
      {end !== '' && <li>{end}</li>}
      {sandbox.last_error !== '' && (
        <li className="jp-mod-error">{sandbox.last_error}</li>
      )}
    </ul>
  );
}

function Refusal(props: ISandboxRowProps & { name: string }): JSX.Element {
  const { activity, trans } = props;
  const said = activity?.problem && problemText(activity.problem, trans);
  return (
    <div className="jp-Gptoss-refusal" role="alert">
      {said && (
        <>
          <span>{[said.detail, said.hint].filter(Boolean).join(' ')}</span>
          <button
            type="button"
            className="jp-Gptoss-icon"
            aria-label={trans.__('Close the message of %1', props.name)}
            onClick={() => props.onDismiss(props.sandbox)}
          >
            <closeIcon.react tag="span" />
          </button>
        </>
      )}
    </div>
  );
}

function Verbs(
  props: ISandboxRowProps & { name: string; busy: boolean }
): JSX.Element {
  const { sandbox, trans, name } = props;
  const { purpose, phase } = sandbox;
  const ended = phase === 'ended';
  // What checks cells is the server's own: it is only stopped.
  const kept = !ended && (purpose === 'notebook' || purpose === 'execute');
  const off = props.busy;
  const verb = (
    icon: LabIcon,
    label: string,
    tell: (sandbox: SandboxState) => void,
    disabled: boolean
  ) => (
    <button
      type="button"
      className="jp-Gptoss-icon"
      title={label}
      aria-label={trans.__('%1: %2', label, name)}
      // Not `disabled`, which would take the keyboard away from it.
      aria-disabled={disabled}
      onClick={() => {
        if (!disabled) {
          tell(sandbox);
        }
      }}
    >
      <icon.react tag="span" />
    </button>
  );
  return (
    <div
      className="jp-Gptoss-row-verbs"
      role="group"
      aria-label={trans.__('Actions for %1', name)}
    >
      {kept && (
        <>
          {verb(
            stopIcon,
            trans.__('Interrupt'),
            props.onInterrupt,
            off || phase === 'starting'
          )}
          {verb(refreshIcon, trans.__('Restart…'), props.onRestart, off)}
          {verb(extensionIcon, trans.__('Packages…'), props.onPackages, off)}
          {verb(folderIcon, trans.__('Files…'), props.onFiles, off)}
        </>
      )}
      <span className="jp-Gptoss-spacer" />
      {ended
        ? verb(closeIcon, trans.__('Remove'), props.onRemove, off)
        : verb(closeIcon, trans.__('Stop…'), props.onStop, off)}
    </div>
  );
}

/**
 * What is too long for a row: shown where the mouse rests.
 */
function detailsOf(sandbox: SandboxState): string {
  return [sandbox.kernel, sandbox.image, sandbox.isolation]
    .filter(Boolean)
    .join('\n');
}
