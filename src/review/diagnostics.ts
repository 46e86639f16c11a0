import { RangeSet, StateField } from '@codemirror/state';
import type { EditorState, Extension, Text } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  GutterMarker,
  gutter,
  hoverTooltip
} from '@codemirror/view';
import type { DecorationSet, Tooltip } from '@codemirror/view';

import { placeFindings } from '../model/findings';
import type { IPlacedFinding } from '../model/findings';
import type { Finding } from '../wire/schema';

/**
 * What is shown of findings in an editor.
 */
export interface IDiagnosticsOptions {
  findings: readonly Finding[];

  /**
   * The text that was checked; empty for the one that the editor starts with.
   */
  checked: string;

  /**
   * Say a finding in words.
   */
  describe: (placed: IPlacedFinding) => string;
}

/**
 * Return an editor extension that shows findings at the lines that they are
 * about, until these are edited.
 *
 * #### Notes
 * A line is underlined and has a sign in the gutter; what was found is in a
 * tooltip, and in the description of the text for those who hear it.
 */
export function diagnostics(options: IDiagnosticsOptions): Extension {
  const { findings, describe } = options;
  if (!findings.some(({ line }) => line > 0)) {
    return [];
  }
  const placed = StateField.define<readonly IPlacedFinding[]>({
    create: ({ doc }) => placeIn(doc, options),
    update: (value, { docChanged, newDoc }) =>
      docChanged ? placeIn(newDoc, options) : value,
    provide: field => [
      EditorView.decorations.compute([field], state =>
        underlines(state, state.field(field))
      ),
      EditorView.contentAttributes.compute([field], state =>
        spoken(state.field(field), describe)
      )
    ]
  });
  return [
    placed,
    gutter({
      class: 'jp-Gptoss-findingGutter',
      markers: ({ state }) => signs(state, state.field(placed))
    }),
    hoverTooltip(({ state }, place) =>
      tooltipAt(state, state.field(placed), place, describe)
    )
  ];
}

function placeIn(
  doc: Text,
  { findings, checked }: IDiagnosticsOptions
): readonly IPlacedFinding[] {
  const text = doc.toString();
  return placeFindings(findings, checked, text).filter(
    ({ line }) => line <= doc.lines
  );
}

function underlines(
  { doc }: EditorState,
  placed: readonly IPlacedFinding[]
): DecorationSet {
  const marks = byLine(placed).flatMap(({ line, finding }) => {
    const { from, to, text } = doc.line(line);
    const start = from + text.length - text.trimStart().length;
    return start < to ? [UNDERLINE[finding.severity].range(start, to)] : [];
  });
  return Decoration.set(marks, true);
}

function signs(
  { doc }: EditorState,
  placed: readonly IPlacedFinding[]
): RangeSet<GutterMarker> {
  return RangeSet.of(
    byLine(placed).map(({ line, finding }) =>
      SIGN[finding.severity].range(doc.line(line).from)
    ),
    true
  );
}

/**
 * The gravest finding of each line, from the first line on.
 */
function byLine(placed: readonly IPlacedFinding[]): IPlacedFinding[] {
  const worst = new Map<number, IPlacedFinding>();
  for (const one of placed) {
    const known = worst.get(one.line);
    if (!known || RANK[one.finding.severity] > RANK[known.finding.severity]) {
      worst.set(one.line, one);
    }
  }
  return [...worst.values()].sort((a, b) => a.line - b.line);
}

function spoken(
  placed: readonly IPlacedFinding[],
  describe: IDiagnosticsOptions['describe']
): Record<string, string> {
  const text = placed.map(describe).join(' ');
  return text === '' ? {} : { 'aria-description': text };
}

function tooltipAt(
  { doc }: EditorState,
  placed: readonly IPlacedFinding[],
  place: number,
  describe: IDiagnosticsOptions['describe']
): Tooltip | null {
  const { number, from, to } = doc.lineAt(place);
  const here = placed.filter(({ line }) => line === number);
  if (here.length === 0) {
    return null;
  }
  return {
    pos: from,
    end: to,
    above: true,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'jp-Gptoss-findingTooltip';
      for (const one of here) {
        const line = dom.appendChild(document.createElement('p'));
        line.className = `jp-mod-${one.finding.severity}`;
        line.textContent = describe(one);
      }
      return { dom };
    }
  };
}

class Sign extends GutterMarker {
  constructor(private readonly _severity: Finding['severity']) {
    super();
  }

  toDOM(): HTMLElement {
    const node = document.createElement('span');
    node.className = `jp-Gptoss-findingSign jp-mod-${this._severity}`;
    return node;
  }
}

const RANK = { error: 2, warning: 1, info: 0 };

const SIGN = {
  error: new Sign('error'),
  warning: new Sign('warning'),
  info: new Sign('info')
};

const UNDERLINE = {
  error: underline('error'),
  warning: underline('warning'),
  info: underline('info')
};

function underline(severity: Finding['severity']): Decoration {
  return Decoration.mark({ class: `jp-Gptoss-finding jp-mod-${severity}` });
}
