import React, { act } from 'react';

import { ChartCursor } from '../../widgets/chart_cursor';
import { render } from '../fakes/page';

async function show(count = 8) {
  const { node } = await render(() => (
    <ChartCursor
      label="Step"
      hint="Arrows"
      width={200}
      height={100}
      spots={Array.from({ length: count }, (_, at) => ({
        x: at * 20,
        y: 0,
        width: 20,
        height: 100,
        lines: [`Step ${at}`, `${at} generations`]
      }))}
    />
  ));
  const slider = node.querySelector<HTMLElement>('[role=slider]');
  const press = (key: string) => {
    const event = new KeyboardEvent('keydown', {
      key,
      bubbles: true,
      cancelable: true
    });
    act(() => {
      slider?.dispatchEvent(event);
    });
    return event.defaultPrevented;
  };
  const tip = () => node.querySelector('.jp-Gptoss-tip')?.textContent ?? null;
  return { node, slider, press, tip };
}

describe('ChartCursor', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('goes from place to place by the keyboard, and says what is there', async () => {
    const { slider, press, tip } = await show();
    expect(tip()).toBeNull();
    expect(press('ArrowRight')).toBe(true);
    expect(slider?.getAttribute('aria-valuetext')).toBe(
      'Step 1, 1 generations'
    );
    expect(tip()).toBe('Step 11 generations');
    press('End');
    expect(slider?.getAttribute('aria-valuenow')).toBe('8');
    press('ArrowRight');
    expect(slider?.getAttribute('aria-valuenow')).toBe('8');
    press('PageUp');
    expect(slider?.getAttribute('aria-valuenow')).toBe('3');
    press('Home');
    press('ArrowLeft');
    expect(slider?.getAttribute('aria-valuenow')).toBe('1');
  });

  it('puts the tooltip away with Escape, and leaves other keys alone', async () => {
    const { press, tip } = await show();
    press('ArrowRight');
    expect(press('Escape')).toBe(true);
    expect(tip()).toBeNull();
    expect(press('Escape')).toBe(false);
    expect(press('Tab')).toBe(false);
  });

  it('shows the place below the pointer', async () => {
    const { slider, tip } = await show();
    act(() => {
      slider?.dispatchEvent(
        new MouseEvent('pointermove', {
          clientX: 70,
          clientY: 50,
          bubbles: true
        })
      );
    });
    expect(tip()).toBe('Step 33 generations');
  });

  it('is not there where there is no place', async () => {
    const { slider } = await show(0);
    expect(slider).toBeNull();
  });
});
