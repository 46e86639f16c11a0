import type { Cell } from '@jupyterlab/cells';
import type { PanelLayout, Widget } from '@lumino/widgets';

const INPUT_CLASS = 'jp-Cell-inputWrapper';
const OUTPUT_CLASS = 'jp-Cell-outputWrapper';

/**
 * Put a row into a cell's own layout, where nothing clips it.
 */
export function placeRow(
  cell: Cell,
  row: Widget,
  where: 'above-input' | 'below-input' | 'below-output'
): void {
  const { widgets } = cell.layout as PanelLayout;
  const find = (name: string): number =>
    widgets.findIndex(widget => widget.hasClass(name));
  const input = find(INPUT_CLASS);
  const output = find(OUTPUT_CLASS);
  const index = {
    'above-input': Math.max(input, 0),
    'below-input': input + 1,
    'below-output': Math.max(output, input) + 1
  }[where];
  (cell.layout as PanelLayout).insertWidget(index, row);
}
