import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import { asProblem } from '../request';
import type { Problem, PromptPreview } from '../wire/schema';
import { CopyButton } from './copy_button';
import { FormDialog } from './form_dialog';
import { problemText } from './labels';

/**
 * Show, word for word, what a task would send to the model.
 */
export async function showPrompt(
  load: () => Promise<PromptPreview>,
  trans: TranslationBundle
): Promise<void> {
  const body = ReactWidget.create(<PromptView load={load} trans={trans} />);
  body.addClass('jp-Gptoss-prompt');
  await new FormDialog({
    title: trans.__('What is sent to the model'),
    body,
    close: trans.__('Close')
  }).launch();
}

/**
 * The messages of a prompt, what is to be known of them, and a way to copy.
 */
export function PromptView(props: {
  load: () => Promise<PromptPreview>;
  trans: TranslationBundle;
}): JSX.Element {
  const { load, trans } = props;
  const [preview, setPreview] = useState<PromptPreview | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    load().then(setPreview, (reason: unknown) => {
      setProblem(asProblem(reason));
    });
  }, []);
  if (problem) {
    const { detail, hint } = problemText(problem, trans);
    return (
      <p className="jp-Gptoss-note jp-mod-error" role="alert">
        {detail} {hint}
      </p>
    );
  }
  return (
    <div aria-busy={preview === null}>
      <p role="status">
        {preview
          ? summary(preview, trans)
          : trans.__('Reading the documentation…')}
      </p>
      {preview && <Messages preview={preview} trans={trans} />}
    </div>
  );
}

function Messages(props: {
  preview: PromptPreview;
  trans: TranslationBundle;
}): JSX.Element {
  const { preview, trans } = props;
  const all = preview.messages
    .map(({ role, content }) => `----- ${role} -----\n${content}`)
    .join('\n\n');
  return (
    <>
      {preview.notes.length > 0 && (
        <ul className="jp-Gptoss-notes">
          {preview.notes.map((note, index) => (
            <li key={index} className="jp-mod-warning">
              {note}
            </li>
          ))}
        </ul>
      )}
      <CopyButton
        label={trans.__('Copy all')}
        done={trans.__('Copied')}
        onCopy={() => void navigator.clipboard?.writeText(all)}
      />
      {preview.messages.map(({ role, content }, index) => (
        <section key={index} aria-label={trans.__('Message %1', index + 1)}>
          <h4>{role}</h4>
          <pre tabIndex={0}>{content}</pre>
        </section>
      ))}
    </>
  );
}

function summary(preview: PromptPreview, trans: TranslationBundle): string {
  const { prompt_tokens: tokens, context_tokens: window } = preview;
  return trans.__(
    '%1 of %2 tokens, at %3 effort, for %4. Nothing was sent yet.',
    tokens.toLocaleString(),
    window.toLocaleString(),
    preview.effort,
    preview.model || trans.__('the model')
  );
}
