import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

/**
 * A button by its visible or spoken name.
 *
 * @throws Error when there is none.
 */
export function button(root: ParentNode, name: string): HTMLButtonElement {
  const found = [...root.querySelectorAll('button')].find(
    node =>
      node.textContent === name || node.getAttribute('aria-label') === name
  );
  if (!found) {
    throw new Error(`No button ${name}`);
  }
  return found;
}

/**
 * Put a widget on the page and wait until it is drawn.
 */
export async function attach(widget: Widget): Promise<void> {
  await act(async () => {
    Widget.attach(widget, document.body);
    if (widget instanceof ReactWidget) {
      await widget.renderPromise;
    }
  });
}

/**
 * Put an element on the page; `draw` draws it again with other props.
 */
export async function render(
  element: () => JSX.Element
): Promise<{ node: HTMLElement; draw: () => Promise<void> }> {
  const widget = ReactWidget.create(element());
  widget['render'] = element;
  await attach(widget);
  return {
    node: widget.node,
    draw: () =>
      act(async () => {
        widget.update();
        await new Promise(resolve => setTimeout(resolve, 50));
      })
  };
}

/**
 * Write text into a field as a person does.
 */
export function write(
  field: HTMLInputElement | HTMLTextAreaElement | null,
  text: string
): void {
  act(() => {
    const prototype = Object.getPrototypeOf(field) as object;
    Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, text);
    field?.dispatchEvent(new Event('input', { bubbles: true }));
  });
}
