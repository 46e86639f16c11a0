import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { Welcome } from '../../widgets/welcome';
import type { Health } from '../../wire/schema';
import { button, render } from '../fakes/page';
import { SANDBOX } from '../fakes/script';

const NO_SANDBOX = {
  ...SANDBOX,
  available: false,
  image_ready: false,
  hint: 'Install bubblewrap.'
};

async function show(generator: Health['generator'], sandbox = SANDBOX) {
  const told = { onModel: jest.fn(), onSandboxes: jest.fn() };
  const { node } = await render(() => (
    <Welcome
      {...told}
      health={{
        status: 'ok',
        version: '1',
        generator,
        model: '',
        sandbox,
        data_writable: true,
        jobs_fault: '',
        answers: null,
        resources: null,
        services: []
      }}
      keysOf={command => [`keys of ${command}`]}
      trans={nullTranslator.load('gptoss_lab')}
    />
  ));
  return { node, told };
}

describe('Welcome', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it.each([
    ['both', 'model', SANDBOX, [], 'such as pandas'],
    ['no model', 'examples', SANDBOX, ['Show the model'], 'has examples'],
    ['no sandbox', 'model', NO_SANDBOX, ['Show the sandboxes'], 'bubblewrap'],
    [
      'neither',
      'examples',
      NO_SANDBOX,
      ['Show the model', 'Show the sandboxes'],
      'bubblewrap'
    ]
  ] as const)('names one next step: %s', async (_, who, box, links, next) => {
    const { node, told } = await show(who, box);
    const names = [...node.querySelectorAll('button')].map(
      one => one.textContent
    );
    expect(names).toEqual([...links]);
    expect(node.textContent?.split('Next:')).toHaveLength(2);
    expect(node.textContent?.split('Next:')[1]).toContain(next);
    links.forEach(name => act(() => button(node, name).click()));
    expect(told.onModel.mock.calls.length).toBe(
      links.filter(name => name === 'Show the model').length
    );
  });

  it('shows the keys that are set', async () => {
    const { node } = await show('model');
    expect(node.textContent).toContain('keys of gptoss-lab:open-panel');
  });
});
