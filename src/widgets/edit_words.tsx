import React, { useEffect, useLayoutEffect, useRef } from 'react';

/**
 * A text area that grows with its text: Enter sends, Shift Enter begins a new
 * line, and an arrow that leaves the text goes through what was asked before.
 */
export function Words(props: {
  label: string;
  placeholder: string;
  describedBy: string;
  text: string;
  locked: boolean;
  onText: (text: string) => void;
  onSend: () => void;
  onWalk: (step: 1 | -1) => boolean;
}): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  useLayoutEffect(() => {
    const { current: node } = area;
    if (node) {
      node.style.height = 'auto';
      node.style.height = `${node.scrollHeight + 2}px`;
    }
  }, [props.text]);
  return (
    <textarea
      ref={area}
      className="jp-mod-styled"
      rows={1}
      value={props.text}
      readOnly={props.locked}
      placeholder={props.placeholder}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      onChange={event => props.onText(event.target.value)}
      onKeyDown={event => {
        if (event.nativeEvent.isComposing) {
          return;
        }
        const { currentTarget: node, key } = event;
        if (key === 'Enter') {
          // JupyterLab would take it, with any other key, for "run cell".
          // The notebook keeps Shift Enter from making a line, too.
          event.stopPropagation();
          event.preventDefault();
          if (!event.shiftKey && !event.altKey) {
            props.onSend();
          } else if (!props.locked) {
            const { selectionStart: start, selectionEnd: end } = node;
            node.setRangeText('\n', start, end, 'end');
            props.onText(node.value);
          }
        } else if (!props.locked && walks(node, key)) {
          if (props.onWalk(key === 'ArrowUp' ? -1 : 1)) {
            event.preventDefault();
          }
        }
      }}
    />
  );
}

/**
 * Whether an arrow leaves the text: up from its first line, down from its last.
 */
function walks(node: HTMLTextAreaElement, key: string): boolean {
  const { value, selectionStart: start, selectionEnd: end } = node;
  if (start !== end) {
    return false;
  }
  return key === 'ArrowUp'
    ? !value.slice(0, start).includes('\n')
    : key === 'ArrowDown' && !value.slice(end).includes('\n');
}
