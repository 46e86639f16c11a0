import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useRef } from 'react';

import type { IPaperTarget } from '../model/paper_places';
import type { Candidate, PaperSummary } from '../wire/schema';
import { kindText } from './paper_labels';
import { PlaceLink } from './paper_place';
import { useRovingRows } from './roving';

/**
 * What the choice of a scope needs.
 */
export interface IScopeProps {
  paper: PaperSummary;
  chosen: readonly string[];
  disabled: boolean;
  root: string;
  trans: TranslationBundle;
  onChoose: (id: string, chosen: boolean) => void;
  onOpenPlace: (target: IPaperTarget) => void;
}

/**
 * What of a paper could be implemented, the likeliest first.
 */
export function Scope(props: IScopeProps): JSX.Element {
  const { paper, chosen, trans } = props;
  const root = useRef<HTMLDivElement>(null);
  const handlers = useRovingRows(root, () => undefined);
  if (paper.candidates.length === 0) {
    return (
      <p className="jp-Gptoss-note jp-mod-warning">
        {trans.__(
          'Nothing in it looks like an algorithm, a model, an experiment or code. Say below what of it you need, or give the paper in another form.'
        )}
      </p>
    );
  }
  return (
    <fieldset className="jp-Gptoss-scope">
      <legend>{trans.__('What to implement')}</legend>
      <div ref={root} {...handlers}>
        {paper.candidates.map(candidate => (
          <Row
            {...props}
            key={candidate.id}
            candidate={candidate}
            checked={chosen.includes(candidate.id)}
          />
        ))}
      </div>
      {chosen.length === 0 && (
        <p className="jp-Gptoss-hint" role="status">
          {trans.__('Choose at least one.')}
        </p>
      )}
    </fieldset>
  );
}

function Row(
  props: IScopeProps & { candidate: Candidate; checked: boolean }
): JSX.Element {
  const { candidate, trans } = props;
  const { id, title, place } = candidate;
  return (
    <div className="jp-Gptoss-scope-row" data-row={id}>
      <label>
        <input
          type="checkbox"
          checked={props.checked}
          disabled={props.disabled}
          onChange={event => props.onChoose(id, event.target.checked)}
        />
        <span>
          {title}{' '}
          <span className="jp-Gptoss-quiet">{kindText(candidate, trans)}</span>
        </span>
      </label>
      <PlaceLink
        paper={props.paper}
        place={place}
        of={title}
        root={props.root}
        trans={trans}
        onOpen={props.onOpenPlace}
      />
    </div>
  );
}
