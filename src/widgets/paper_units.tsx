import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { MAX_ANSWER_CHARS, openOf } from '../model/paper_choice';
import type { IPaperTarget } from '../model/paper_places';
import type { PaperSummary, Unit } from '../wire/schema';
import { Disclosure } from './fold';
import { unitCounts, unitState } from './paper_labels';
import { PlaceLink } from './paper_place';

/**
 * The most requirements that are listed before one asks for more.
 */
const MAX_UNITS = 40;

/**
 * What is shown of the requirements of a paper.
 */
export interface IUnitsProps {
  paper: PaperSummary | null;
  units: readonly Unit[];
  answers: Readonly<Record<string, string>>;
  disabled: boolean;
  root: string;
  trans: TranslationBundle;
  onAnswer: (unit: string, text: string) => void;
  onOpenPlace: (target: IPaperTarget) => void;
}

/**
 * The requirements that were found, and the questions that are left open.
 */
export function Units(props: IUnitsProps): JSX.Element | null {
  const { units, trans } = props;
  const [open, setOpen] = useState(false);
  return units.length === 0 ? null : (
    <>
      <Questions {...props} />
      <Disclosure
        id="jp-Gptoss-paper-units"
        label={unitCounts(units, trans)}
        open={open}
        onToggle={() => setOpen(!open)}
      >
        <List {...props} />
      </Disclosure>
    </>
  );
}

function Questions(props: IUnitsProps): JSX.Element | null {
  const { trans } = props;
  const open = openOf(props.units);
  return open.length === 0 ? null : (
    <>
      <h4 id="jp-Gptoss-paper-open">
        {trans.__('What the paper leaves open')}
      </h4>
      <ul
        className="jp-Gptoss-questions"
        aria-labelledby="jp-Gptoss-paper-open"
      >
        {open.map(unit => (
          <Question {...props} key={unit.id} unit={unit} />
        ))}
      </ul>
    </>
  );
}

function Question(props: IUnitsProps & { unit: Unit }): JSX.Element {
  const { unit, trans } = props;
  const id = `jp-Gptoss-answer-${unit.id}`;
  return (
    <li>
      <label htmlFor={id}>{unit.question || unit.statement}</label>{' '}
      <PlaceLink
        paper={props.paper}
        place={unit.place}
        of={unit.question || unit.statement}
        root={props.root}
        trans={trans}
        onOpen={props.onOpenPlace}
      />
      <textarea
        id={id}
        className="jp-mod-styled"
        rows={1}
        maxLength={MAX_ANSWER_CHARS}
        value={props.answers[unit.id] ?? ''}
        disabled={props.disabled}
        placeholder={
          unit.answer
            ? trans.__('Else assumed: %1', unit.answer)
            : trans.__('If empty, it is assumed')
        }
        onChange={event => props.onAnswer(unit.id, event.target.value)}
      />
    </li>
  );
}

function List(props: IUnitsProps): JSX.Element {
  const { units, trans } = props;
  const [all, setAll] = useState(false);
  const shown = all ? units : units.slice(0, MAX_UNITS);
  return (
    <>
      <ul className="jp-Gptoss-units">
        {shown.map(unit => {
          const { mark, word } = unitState(unit, trans);
          return (
            <li key={unit.id}>
              <span className="jp-Gptoss-unit-state">
                <span className="jp-Gptoss-sign" aria-hidden="true">
                  {mark}
                </span>{' '}
                {word}
              </span>{' '}
              <PlaceLink
                paper={props.paper}
                place={unit.place}
                of={unit.statement}
                root={props.root}
                trans={trans}
                onOpen={props.onOpenPlace}
              />
              <p>{unit.statement}</p>
              {unit.quote !== '' && <q>{unit.quote}</q>}
              {unit.note !== '' && (
                <p className="jp-Gptoss-quiet">{unit.note}</p>
              )}
            </li>
          );
        })}
      </ul>
      {shown.length < units.length && (
        <button
          type="button"
          className="jp-Gptoss-link"
          onClick={() => setAll(true)}
        >
          {trans.__('Show %1 more', units.length - shown.length)}
        </button>
      )}
    </>
  );
}
