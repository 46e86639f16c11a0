import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { Lazy } from '../../widgets/lazy';
import type { ILazyModule } from '../../widgets/lazy';
import { button, render } from '../fakes/page';

const trans = nullTranslator.load('gptoss_lab');
const MODULE: ILazyModule<{ text: string }> = {
  default: ({ text }) => <p>{text}</p>
};

describe('Lazy', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('says that it loads, and then shows the component', async () => {
    let arrive = (_: ILazyModule<{ text: string }>): void => undefined;
    const { node } = await render(() => (
      <Lazy
        load={() =>
          new Promise<ILazyModule<{ text: string }>>(resolve => {
            arrive = resolve;
          })
        }
        trans={trans}
        props={{ text: 'There' }}
      />
    ));
    expect(node.textContent).toBe('Loading…');
    await act(async () => arrive(MODULE));
    expect(node.textContent).toBe('There');
  });

  it('says that the code did not come, and tries again', async () => {
    let tries = 0;
    const { node, draw } = await render(() => (
      <Lazy
        load={async () => {
          tries += 1;
          if (tries === 1) {
            throw new Error('Loading chunk failed.');
          }
          return MODULE;
        }}
        trans={trans}
        props={{ text: 'There' }}
      />
    ));
    await draw();
    expect(node.querySelector('[role=alert]')?.textContent).toContain(
      'could not be loaded'
    );
    await act(async () => button(node, 'Try again').click());
    await draw();
    expect(node.textContent).toBe('There');
    expect(tries).toBe(2);
  });
});
