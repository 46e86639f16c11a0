import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isOf } from '../model/paper_notes';
import { placeText, targetOf } from '../model/paper_places';
import type { IPaperTarget } from '../model/paper_places';
import type { Citation, PaperSummary, Unit } from '../wire/schema';

/**
 * What of a paper a cell implements, as its notebook notes it.
 */
export interface IImplemented {
  readonly paper: Pick<PaperSummary, 'uri' | 'files' | 'title'>;
  readonly units: readonly Unit[];
}

/**
 * What is shown of it.
 */
export interface IImplementsProps {
  implemented: IImplemented;

  /**
   * The folder that the server serves.
   */
  root: string;
  trans: TranslationBundle;
  onOpen: (target: IPaperTarget) => void;
}

/**
 * The words of the paper that a cell implements first, as a way there.
 */
export function ImplementsLine(props: IImplementsProps): JSX.Element | null {
  const { implemented, trans } = props;
  const [first] = implemented.units;
  if (!first) {
    return null;
  }
  const more = implemented.units.length - 1;
  return (
    <span className="jp-Gptoss-implements" title={first.quote}>
      <QuoteLink {...props} unit={first} text={shorten(first.quote)} />
      {more > 0 && (
        <span className="jp-Gptoss-quiet">{trans.__('+%1', more)}</span>
      )}
    </span>
  );
}

/**
 * All that a cell implements, each with the words that state it.
 */
export function ImplementsDetails(props: IImplementsProps): JSX.Element | null {
  const { implemented, trans } = props;
  return implemented.units.length === 0 ? null : (
    <>
      <h4>{trans.__('Implements')}</h4>
      <ul className="jp-Gptoss-units">
        {implemented.units.map(unit => (
          <li key={unit.id}>
            {unit.statement} <QuoteLink {...props} unit={unit} />
            {unit.quote !== '' && <q>{unit.quote}</q>}
          </li>
        ))}
      </ul>
    </>
  );
}

/**
 * A source of a cell: a way into the paper where it is one of that.
 */
export function PaperSource(
  props: IImplementsProps & { citation: Citation; text: string }
): JSX.Element {
  const { implemented, citation, text, trans } = props;
  const { paper } = implemented;
  const { page, anchor } = citation;
  const target = isOf(paper, citation)
    ? targetOf(paper, { page, anchor, section: [] }, props.root)
    : null;
  return target ? (
    <button
      type="button"
      className="jp-Gptoss-link"
      aria-label={trans.__('Open the paper: %1', text)}
      onClick={() => props.onOpen(target)}
    >
      {text}
    </button>
  ) : (
    <>{text}</>
  );
}

function QuoteLink(
  props: IImplementsProps & { unit: Unit; text?: string }
): JSX.Element | null {
  const { implemented, unit, trans } = props;
  const place = placeText(unit.place, trans);
  const quote = props.text ? trans.__('“%1”', props.text) : '';
  const text = [quote, place].filter(Boolean).join(', ');
  if (text === '') {
    return null;
  }
  const target = targetOf(implemented.paper, unit.place, props.root);
  return target ? (
    <button
      type="button"
      className="jp-Gptoss-link"
      aria-label={trans.__('Open the paper at %1: %2', place, unit.statement)}
      onClick={() => props.onOpen(target)}
    >
      {text}
    </button>
  ) : (
    <span className="jp-Gptoss-quiet">{text}</span>
  );
}

function shorten(text: string): string {
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE - 1)}…` : text;
}

const MAX_QUOTE = 40;
