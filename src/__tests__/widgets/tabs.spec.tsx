import React, { act } from 'react';

import { TabPanel, Tabs } from '../../widgets/tabs';
import { render } from '../fakes/page';

type Name = 'one' | 'two' | 'three';

async function show() {
  let chosen: Name = 'one';
  const page = await render(() => (
    <>
      <Tabs
        id="t"
        label="Views"
        chosen={chosen}
        tabs={[
          { name: 'one', label: 'One' },
          {
            name: 'two',
            label: 'Two',
            badge: { text: '3', spoken: '3 cells' }
          },
          { name: 'three', label: 'Three' }
        ]}
        onChoose={name => {
          chosen = name;
        }}
      />
      {(['one', 'two', 'three'] as const).map(name => (
        <TabPanel key={name} id="t" name={name} chosen={chosen}>
          {() => <p>{name}</p>}
        </TabPanel>
      ))}
    </>
  ));
  const press = async (key: string) => {
    act(() => {
      document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
      );
    });
    await page.draw();
    return document.activeElement?.id;
  };
  return { ...page, press };
}

describe('Tabs', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('names its parts as the pattern asks', async () => {
    const { node } = await show();
    const [one, two] = node.querySelectorAll('[role=tab]');
    expect(
      node.querySelector('[role=tablist]')?.getAttribute('aria-label')
    ).toBe('Views');
    expect(one?.getAttribute('aria-selected')).toBe('true');
    expect(one?.getAttribute('tabindex')).toBe('0');
    expect(two?.getAttribute('tabindex')).toBe('-1');
    for (const tab of node.querySelectorAll('[role=tab]')) {
      const panel = document.getElementById(
        tab.getAttribute('aria-controls') ?? ''
      );
      expect(panel?.getAttribute('aria-labelledby')).toBe(tab.id);
    }
    expect(two?.querySelector('[aria-hidden]')?.textContent).toBe('3');
    expect(two?.querySelector('.jp-Gptoss-spoken')?.textContent).toBe(
      '3 cells'
    );
  });

  it('goes with the arrows, Home and End, around the ends', async () => {
    const { node, press } = await show();
    node.querySelector<HTMLElement>('#t-tab-one')?.focus();
    expect(await press('ArrowRight')).toBe('t-tab-two');
    expect(await press('End')).toBe('t-tab-three');
    expect(await press('ArrowRight')).toBe('t-tab-one');
    expect(await press('ArrowLeft')).toBe('t-tab-three');
    expect(await press('Home')).toBe('t-tab-one');
    expect(await press('x')).toBe('t-tab-one');
  });

  it('draws only what is chosen', async () => {
    const { node, press } = await show();
    node.querySelector<HTMLElement>('#t-tab-one')?.focus();
    expect(node.textContent).toContain('one');
    await press('ArrowRight');
    const panels = [...node.querySelectorAll<HTMLElement>('[role=tabpanel]')];
    expect(panels.map(panel => [panel.hidden, panel.textContent])).toEqual([
      [true, ''],
      [false, 'two'],
      [true, '']
    ]);
  });
});
