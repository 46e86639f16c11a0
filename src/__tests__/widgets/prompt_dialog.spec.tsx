import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { RequestError } from '../../request';
import { PromptView } from '../../widgets/prompt_dialog';
import type { PromptPreview } from '../../wire/schema';
import { button, render } from '../fakes/page';

const trans = nullTranslator.load('gptoss_lab');
const PREVIEW: PromptPreview = {
  generator: 'model',
  model: 'gpt-oss-20b',
  effort: 'low',
  messages: [
    { role: 'developer', content: 'Rules <b>' },
    { role: 'user', content: 'Task' }
  ],
  prompt_tokens: 12,
  context_tokens: 4096,
  templates: 'abc',
  notes: ['A cell is left out.']
};

async function show(load: () => Promise<PromptPreview>) {
  const { node } = await render(() => <PromptView load={load} trans={trans} />);
  await act(async () => undefined);
  return node;
}

describe('PromptView', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('shows every message as text, the tokens and the notes', async () => {
    const node = await show(async () => PREVIEW);
    const texts = [...node.querySelectorAll('pre')].map(one => one.textContent);
    expect(texts).toEqual(['Rules <b>', 'Task']);
    expect(node.querySelector('b')).toBeNull();
    expect(node.textContent).toContain('12 of 4,096 tokens, at low effort');
    expect(node.textContent).toContain('A cell is left out.');
  });

  it('copies all of it', async () => {
    const writeText = jest.fn(async () => undefined);
    Object.assign(navigator, { clipboard: { writeText } });
    const node = await show(async () => PREVIEW);
    act(() => button(node, 'Copy all').click());
    expect(writeText).toHaveBeenCalledWith(
      '----- developer -----\nRules <b>\n\n----- user -----\nTask'
    );
  });

  it('says why there is none', async () => {
    const problem = {
      type: '',
      title: 'No',
      status: 422,
      detail: 'It is too long.'
    };
    const node = await show(() =>
      Promise.reject(
        new RequestError({ ...problem, code: 'too_large', hint: 'Shorten it.' })
      )
    );
    expect(node.querySelector('[role=alert]')?.textContent).toBe(
      'It is too long. Shorten it.'
    );
  });
});
