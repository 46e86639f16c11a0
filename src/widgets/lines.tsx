import React, { useLayoutEffect, useRef } from 'react';

/**
 * How near its end a person must be to be taken along with it, in pixels.
 */
const NEAR_END_PX = 24;

/**
 * Text that grows at its end: the end stays in view, unless a person went up.
 */
export function Lines(props: { label: string; text: string }): JSX.Element {
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (box.current && follows.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [props.text]);
  return (
    <pre
      ref={box}
      className="jp-Gptoss-lines"
      tabIndex={0}
      role="group"
      aria-label={props.label}
      onScroll={({ currentTarget: node }) => {
        const below = node.scrollHeight - node.scrollTop - node.clientHeight;
        follows.current = below < NEAR_END_PX;
      }}
    >
      {props.text}
    </pre>
  );
}
