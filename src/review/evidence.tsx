import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { linkOf } from '../model/citations';
import type { CellProvenance, Citation, Finding } from '../wire/schema';
import { badgeOf, memory, placeOf, seconds } from './badge';
import { PaperSource } from './implements';
import type { IImplementsProps } from './implements';

/**
 * What is shown of a cell's provenance.
 */
export interface IEvidenceProps {
  provenance: CellProvenance;

  /**
   * The paper that the cell is of; null where it is of none.
   */
  paper: IImplementsProps | null;
  trans: TranslationBundle;
}

/**
 * Where a cell comes from and how it did, in one quiet line.
 */
export function EvidenceLine(props: IEvidenceProps): JSX.Element {
  const { provenance, trans } = props;
  const badge = badgeOf(provenance.verification, trans);
  return (
    <>
      <span className="jp-Gptoss-review-origin">
        {originOf(provenance, trans, props.paper !== null)}
      </span>
      <SourceText
        citations={provenance.sources.slice(0, 1)}
        paper={props.paper}
        trans={trans}
      />
      {badge && (
        <span
          className={`jp-Gptoss-badge jp-mod-${badge.tone}`}
          title={[provenance.verification.error, provenance.verification.image]
            .filter(Boolean)
            .join('\n')}
        >
          {badge.text}
        </span>
      )}
    </>
  );
}

/**
 * All that is known of how a cell came to be.
 */
export function EvidenceDetails(
  props: IEvidenceProps & { children?: React.ReactNode }
): JSX.Element {
  const { provenance, trans } = props;
  const { checks, sources, verification } = provenance;
  const { error } = verification;
  return (
    <div className="jp-Gptoss-review-details">
      {props.children}
      <dl className="jp-Gptoss-evidence">
        {factsOf(props).map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
      </dl>
      {error !== '' && (
        <pre
          className="jp-Gptoss-error"
          tabIndex={0}
          role="region"
          aria-label={trans.__('Error in the sandbox')}
        >
          {error}
        </pre>
      )}
      {checks.length > 0 && (
        <>
          <h4>{trans.__('Findings')}</h4>
          <ul className="jp-Gptoss-findings">
            {checks.map((finding, index) => (
              <FindingItem key={index} finding={finding} trans={trans} />
            ))}
          </ul>
        </>
      )}
      {sources.length > 0 && (
        <>
          <h4>{trans.__('Sources')}</h4>
          <ul className="jp-Gptoss-citations">
            {sources.map((citation, index) => (
              <li key={index}>
                <SourceText
                  citations={[citation]}
                  paper={props.paper}
                  trans={trans}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/**
 * What opens the details, and says how much there is to read.
 */
export function detailLabel(
  provenance: CellProvenance,
  trans: TranslationBundle
): string {
  const notes = provenance.checks.filter(
    ({ severity }) => severity !== 'info'
  ).length;
  return notes > 0
    ? trans._n('%1 finding', '%1 findings', notes)
    : trans.__('Details');
}

/**
 * Say which generator wrote a cell.
 */
export function originOf(
  { generator, model }: CellProvenance,
  trans: TranslationBundle,
  paper = false
): string {
  if (generator === 'model') {
    return model || trans.__('Model');
  }
  return paper
    ? trans.__('From the paper')
    : trans.__('Example from the documentation');
}

function factsOf({
  provenance,
  paper,
  trans
}: IEvidenceProps): [string, string][] {
  const { verification, task, seed } = provenance;
  const badge = badgeOf(verification, trans);
  const ran = badge !== null && verification.runtime !== 'none';
  const { peak_memory_bytes: peak } = verification;
  const facts: [string, string][] = [
    [trans.__('Task'), task],
    [trans.__('Written by'), originOf(provenance, trans, paper !== null)],
    [trans.__('Seed'), seed === null ? '' : String(seed)],
    [trans.__('Sandbox'), badge?.text ?? trans.__('Not run')],
    [trans.__('Time'), ran ? seconds(verification.duration_s, trans) : ''],
    [trans.__('Peak memory'), ran && peak ? memory(peak, trans) : ''],
    [trans.__('Image'), verification.image]
  ];
  return facts.filter(([, value]) => value !== '');
}

function FindingItem(props: {
  finding: Finding;
  trans: TranslationBundle;
}): JSX.Element {
  const { finding, trans } = props;
  return (
    <li className={`jp-mod-${finding.severity}`}>
      {finding.line > 0 && (
        <span className="jp-Gptoss-quiet">
          {trans.__('Line %1: ', finding.line)}
        </span>
      )}
      {finding.message}
      {finding.suggestions.length > 0 && (
        <span className="jp-Gptoss-quiet">
          {' '}
          {trans.__('Perhaps: %1', finding.suggestions.join(', '))}
        </span>
      )}
    </li>
  );
}

function SourceText(props: {
  citations: readonly Citation[];
  paper: IImplementsProps | null;
  trans: TranslationBundle;
}): JSX.Element {
  return (
    <>
      {props.citations.map((citation, index) => {
        const place = placeOf(citation, props.trans);
        const link = linkOf(citation);
        return link ? (
          <a
            key={index}
            className="jp-Gptoss-source"
            href={link}
            target="_blank"
            rel="noopener noreferrer"
            title={citation.source}
          >
            {place}
          </a>
        ) : (
          <span
            key={index}
            className="jp-Gptoss-source"
            title={citation.source}
          >
            {props.paper ? (
              <PaperSource {...props.paper} citation={citation} text={place} />
            ) : (
              place
            )}
          </span>
        );
      })}
    </>
  );
}
