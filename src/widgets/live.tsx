import React, { useEffect, useRef, useState } from 'react';

/**
 * Tell a screen reader of a change of phase, not of how it stood at first.
 */
export function Announcer(props: { text: string }): JSX.Element {
  const { text } = props;
  const known = useRef('');
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (known.current !== '' && text !== known.current) {
      setSaid(text);
    }
    known.current = text;
  }, [text]);
  return (
    <div className="jp-Gptoss-live" role="status" aria-live="polite">
      {said}
    </div>
  );
}

/**
 * Keep the place of the keyboard when the button that had it goes away.
 */
export function useKeptFocus(
  title: React.RefObject<HTMLElement>
): (event: React.FocusEvent) => void {
  const last = useRef<Element | null>(null);
  useEffect(() => {
    if (last.current && !last.current.isConnected) {
      last.current = null;
      if (document.activeElement === document.body) {
        title.current?.focus();
      }
    }
  });
  return ({ target }) => {
    last.current = target;
  };
}
