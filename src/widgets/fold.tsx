import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React from 'react';

/**
 * What the title of a section needs that can be closed.
 */
export interface IFoldProps {
  /**
   * Beginning of the ids: `${id}-title` names the section, `${id}-body` holds it.
   */
  id: string;
  open: boolean;
  onToggle: () => void;

  /**
   * Said beside the title.
   */
  note?: string;
  children: React.ReactNode;
}

/**
 * The title of a section: a button that opens and closes it.
 */
export const Fold = React.forwardRef<HTMLButtonElement, IFoldProps>(
  (props, ref): JSX.Element => {
    const { id, open, note } = props;
    const Caret = open ? caretDownIcon : caretRightIcon;
    return (
      <div className="jp-Gptoss-fold-line">
        <h3>
          <button
            ref={ref}
            type="button"
            id={`${id}-title`}
            className="jp-Gptoss-fold"
            aria-expanded={open}
            aria-controls={`${id}-body`}
            aria-describedby={note ? `${id}-note` : undefined}
            onClick={props.onToggle}
          >
            <Caret.react tag="span" className="jp-Gptoss-fold-icon" />
            {props.children}
          </button>
        </h3>
        {note && (
          <span id={`${id}-note`} className="jp-Gptoss-fold-note" title={note}>
            {note}
          </span>
        )}
      </div>
    );
  }
);

/**
 * Something that is shown on demand, below a quiet button.
 */
export function Disclosure(props: {
  id: string;
  label: string;
  open: boolean;
  onToggle: () => void;
  children: React.ReactNode;
}): JSX.Element {
  const { id, open } = props;
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <div className="jp-Gptoss-disclosure">
      <button
        type="button"
        className="jp-Gptoss-fold"
        aria-expanded={open}
        aria-controls={id}
        onClick={props.onToggle}
      >
        <Caret.react tag="span" className="jp-Gptoss-fold-icon" />
        {props.label}
      </button>
      <div id={id} hidden={!open}>
        {open && props.children}
      </div>
    </div>
  );
}
