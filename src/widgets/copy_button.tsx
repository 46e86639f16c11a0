import React, { useEffect, useState } from 'react';

/**
 * A button that copies, and says for a moment that it did.
 */
export function CopyButton(props: {
  label: string;
  done: string;
  onCopy: () => void;
}): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = window.setTimeout(() => setCopied(false), COPIED_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return (
    <span className="jp-Gptoss-copy">
      <button
        type="button"
        className="jp-Gptoss-link"
        onClick={() => {
          props.onCopy();
          setCopied(true);
        }}
      >
        {props.label}
      </button>
      <span role="status">{copied ? props.done : ''}</span>
    </span>
  );
}

const COPIED_MS = 3_000;
