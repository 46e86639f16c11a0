import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { IPaperTarget } from '../model/paper_places';
import type { Claim, PaperSummary } from '../wire/schema';
import { claimCounts, claimState, numberText } from './paper_labels';
import { PlaceLink } from './paper_place';

/**
 * The most claims that are listed before one asks for more.
 */
export const MAX_CLAIMS = 40;

/**
 * What the table of claims needs.
 */
export interface IClaimsProps {
  paper: Pick<PaperSummary, 'uri' | 'files' | 'title'> | null;
  claims: readonly Claim[];
  assumptions: readonly string[];
  missing: readonly string[];
  root: string;
  trans: TranslationBundle;
  onOpenPlace: (target: IPaperTarget) => void;
}

/**
 * The numbers that a paper prints, beside those that its cells give.
 */
export function Claims(props: IClaimsProps): JSX.Element | null {
  const { claims, paper, assumptions, missing, trans } = props;
  const [all, setAll] = useState(false);
  if (claims.length + assumptions.length + missing.length === 0) {
    return null;
  }
  const shown = all ? claims : claims.slice(0, MAX_CLAIMS);
  return (
    <section
      className="jp-Gptoss-section jp-Gptoss-claims"
      aria-labelledby="jp-Gptoss-claims-title"
    >
      <h3 id="jp-Gptoss-claims-title">{trans.__('Numbers of the paper')}</h3>
      {paper?.title && <p className="jp-Gptoss-small">{paper.title}</p>}
      {claims.length > 0 && (
        <>
          <p className="jp-Gptoss-counts">{claimCounts(claims, trans)}</p>
          <table aria-labelledby="jp-Gptoss-claims-title">
            <thead>
              <tr>
                <th scope="col">{trans.__('What')}</th>
                <th scope="col">{trans.__('Paper')}</th>
                <th scope="col">{trans.__('Here')}</th>
                <th scope="col">{trans.__('State')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(claim => (
                <Row {...props} key={claim.id} claim={claim} />
              ))}
            </tbody>
          </table>
          {shown.length < claims.length && (
            <button
              type="button"
              className="jp-Gptoss-link"
              onClick={() => setAll(true)}
            >
              {trans.__('Show %1 more', claims.length - shown.length)}
            </button>
          )}
        </>
      )}
      <Said title={trans.__('Assumed')} texts={assumptions} />
      <Said title={trans.__('Not implemented')} texts={missing} />
    </section>
  );
}

function Row(props: IClaimsProps & { claim: Claim }): JSX.Element {
  const { claim, paper, root, trans } = props;
  const { mark, word, tone } = claimState(claim, trans);
  const about = [
    claim.dataset,
    claim.stand_in ? trans.__('stand-in data') : ''
  ].filter(Boolean);
  return (
    <tr>
      <th scope="row" title={claim.quote}>
        {claim.metric}
        <span className="jp-Gptoss-claim-about">
          {about.length > 0 && (
            <span className="jp-Gptoss-quiet">{about.join(', ')}</span>
          )}
          <PlaceLink
            paper={paper}
            place={claim.place}
            of={claim.metric}
            root={root}
            trans={trans}
            onOpen={props.onOpenPlace}
          />
        </span>
      </th>
      <td>{withUnit(claim.printed, claim)}</td>
      <td title={claim.computed === null ? undefined : String(claim.computed)}>
        {claim.computed === null ? (
          <span aria-label={trans.__('none yet')}>–</span>
        ) : (
          withUnit(numberText(claim.computed, claim.printed), claim)
        )}
      </td>
      <td className={`jp-Gptoss-claim-state jp-mod-${tone}`}>
        <span className="jp-Gptoss-sign" aria-hidden="true">
          {mark}
        </span>{' '}
        {word}
        {claim.reason !== '' && (
          <span className="jp-Gptoss-quiet">{claim.reason}</span>
        )}
      </td>
    </tr>
  );
}

function Said(props: {
  title: string;
  texts: readonly string[];
}): JSX.Element | null {
  return props.texts.length === 0 ? null : (
    <>
      <h4>{props.title}</h4>
      <ul className="jp-Gptoss-said">
        {props.texts.map((text, index) => (
          <li key={index}>{text}</li>
        ))}
      </ul>
    </>
  );
}

function withUnit(text: string, { unit }: Claim): string {
  return unit === '' || text.endsWith(unit) ? text : `${text} ${unit}`;
}
