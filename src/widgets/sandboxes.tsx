import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useEffect, useRef } from 'react';

import type { ISandboxActivity, ISandboxes } from '../tokens';
import type {
  Problem,
  SandboxCapabilities,
  SandboxState
} from '../wire/schema';
import { Fold } from './fold';
import { Isolation, Silence, Waiting } from './sandbox_facts';
import { SandboxRow } from './sandbox_row';
import type { ISandboxCallbacks } from './sandbox_row';

/**
 * What the section of the sandboxes needs.
 */
export interface ISandboxesProps extends ISandboxCallbacks {
  list: readonly SandboxState[] | null;
  capabilities: SandboxCapabilities | null;
  problem: Problem | null;
  activity: (id: string) => ISandboxActivity | null;
  open: boolean;
  trans: TranslationBundle;
  onToggle: () => void;
}

/**
 * The section of the sandboxes, drawn again whenever they change.
 */
export function SandboxSection(
  props: Omit<
    ISandboxesProps,
    'list' | 'capabilities' | 'problem' | 'activity'
  > & { sandboxes: ISandboxes }
): JSX.Element {
  const { sandboxes, ...rest } = props;
  return (
    <UseSignal signal={sandboxes.changed}>
      {() => (
        <Sandboxes
          {...rest}
          list={sandboxes.list}
          capabilities={sandboxes.capabilities}
          problem={sandboxes.problem}
          activity={id => sandboxes.activity(id)}
        />
      )}
    </UseSignal>
  );
}

/**
 * Which isolation is in force, and what runs in it.
 */
export function Sandboxes(props: ISandboxesProps): JSX.Element {
  const { trans, list, open } = props;
  const title = useRef<HTMLButtonElement>(null);
  const focused = useFocusedRow(title, list);
  const count = list?.filter(isUsed).length ?? 0;
  return (
    <section
      className="jp-Gptoss-section jp-Gptoss-sandboxes"
      aria-labelledby="jp-Gptoss-sandboxes-title"
    >
      <Fold
        ref={title}
        id="jp-Gptoss-sandboxes"
        open={open}
        onToggle={props.onToggle}
      >
        {count > 0 ? trans.__('Sandboxes (%1)', count) : trans.__('Sandboxes')}
      </Fold>
      <div id="jp-Gptoss-sandboxes-body" hidden={!open}>
        {open && (
          <>
            <Isolation capabilities={props.capabilities} trans={trans} />
            <Silence
              problem={props.problem}
              missing={trans.__('This server does not list its sandboxes.')}
              trans={trans}
            />
            <Rows {...props} onFocusRow={focused} />
            <Waiting
              warm={list?.filter(one => !isUsed(one)) ?? []}
              trans={trans}
            />
          </>
        )}
      </div>
    </section>
  );
}

/**
 * Keep the place of the keyboard when the row that had it goes away.
 */
function useFocusedRow(
  title: React.RefObject<HTMLButtonElement>,
  list: readonly SandboxState[] | null
): (id: string) => void {
  const row = useRef('');
  useEffect(() => {
    const gone = row.current && !list?.some(({ id }) => id === row.current);
    if (gone) {
      row.current = '';
      if (document.activeElement === document.body) {
        title.current?.focus();
      }
    }
  }, [list, title]);
  return id => {
    row.current = id;
  };
}

/**
 * Whether somebody uses a sandbox: it has a row of its own.
 */
function isUsed({ purpose }: SandboxState): boolean {
  return purpose !== 'warm';
}

function Rows(
  props: ISandboxesProps & { onFocusRow: (id: string) => void }
): JSX.Element | null {
  const { list, trans } = props;
  if (!list) {
    return null;
  }
  const used = list.filter(isUsed);
  if (used.length === 0) {
    return props.capabilities?.runtime === 'none' ? null : (
      <p className="jp-Gptoss-teach">
        {trans.__(
          'None is running. Choose a kernel with “sandbox” in its name for a notebook, and it appears here.'
        )}
      </p>
    );
  }
  return (
    <ul className="jp-Gptoss-rows" aria-labelledby="jp-Gptoss-sandboxes-title">
      {used.map(sandbox => (
        <SandboxRow
          key={sandbox.id}
          sandbox={sandbox}
          usual={props.capabilities?.isolation ?? ''}
          activity={props.activity(sandbox.id)}
          trans={trans}
          onFocus={() => props.onFocusRow(sandbox.id)}
          onInterrupt={props.onInterrupt}
          onRestart={props.onRestart}
          onStop={props.onStop}
          onRemove={props.onRemove}
          onPackages={props.onPackages}
          onFiles={props.onFiles}
          onDismiss={props.onDismiss}
        />
      ))}
    </ul>
  );
}
