import React from 'react';

import { Lines } from '../../widgets/lines';
import { render } from '../fakes/page';

async function show() {
  const now = { text: 'one' };
  const page = await render(() => <Lines label="Log" text={now.text} />);
  const box = page.node.querySelector('pre') as HTMLPreElement;
  Object.defineProperties(box, {
    scrollHeight: { get: () => 400 },
    clientHeight: { get: () => 100 }
  });
  const grow = async (): Promise<void> => {
    now.text += '\nmore';
    await page.draw();
  };
  const scrollTo = (top: number): void => {
    box.scrollTop = top;
    box.dispatchEvent(new Event('scroll', { bubbles: true }));
  };
  return { box, grow, scrollTo };
}

describe('Lines', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('keep their end in view', async () => {
    const { box, grow } = await show();
    await grow();
    expect(box.scrollTop).toBe(400);
  });

  it('stay where a person reads, until they return to the end', async () => {
    const { box, grow, scrollTo } = await show();
    scrollTo(50);
    await grow();
    expect(box.scrollTop).toBe(50);
    scrollTo(290);
    await grow();
    expect(box.scrollTop).toBe(400);
  });
});
