import type { ICellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { readProvenance } from '../model/provenance';
import type { CellProvenance, Citation, Finding } from '../wire/schema';
import { badgeOf, placeOf } from './badge';

/**
 * What the person can do from a cell's header.
 */
export interface IHeaderActions {
  accept(cell: ICellModel): void;
  reject(cell: ICellModel): void;

  /**
   * Whether text is still arriving in the cell.
   */
  isWriting(job: string, cell: string): boolean;
}

/**
 * The row above a pending cell: what it is, where it comes from, what to do.
 */
export class ReviewHeader extends ReactWidget {
  constructor(
    private readonly _cell: ICellModel,
    private readonly _actions: IHeaderActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Gptoss-header');
  }

  protected render(): JSX.Element | null {
    const provenance = readProvenance(this._cell);
    if (provenance?.review !== 'pending') {
      return null;
    }
    return (
      <HeaderRow
        provenance={provenance}
        writing={this._actions.isWriting(provenance.job, provenance.cell)}
        trans={this._trans}
        onAccept={() => this._actions.accept(this._cell)}
        onReject={() => this._actions.reject(this._cell)}
      />
    );
  }
}

interface IHeaderRowProps {
  provenance: CellProvenance;
  writing: boolean;
  trans: TranslationBundle;
  onAccept: () => void;
  onReject: () => void;
}

/**
 * The content of the header; pure.
 */
export function HeaderRow(props: IHeaderRowProps): JSX.Element {
  const { provenance, writing, trans } = props;
  const [open, setOpen] = useState(false);
  const badge = badgeOf(provenance.verification, trans);
  const detailed =
    provenance.checks.length > 0 ||
    provenance.sources.length > 1 ||
    provenance.verification.error !== '';
  return (
    <div
      className="jp-Gptoss-review"
      role="group"
      aria-label={trans.__('Pending review')}
    >
      <div className="jp-Gptoss-review-row">
        <div className="jp-Gptoss-review-facts">
          <span className="jp-Gptoss-badge jp-mod-pending">
            {writing ? trans.__('Writing…') : trans.__('Pending')}
          </span>
          <span className="jp-Gptoss-review-origin">
            {provenance.generator === 'model'
              ? provenance.model || trans.__('Model')
              : trans.__('Example from the documentation')}
          </span>
          <SourceText
            citations={provenance.sources.slice(0, 1)}
            trans={trans}
          />
          {!writing && badge && (
            <span
              className={`jp-Gptoss-badge jp-mod-${badge.tone}`}
              title={provenance.verification.error || badge.text}
            >
              {badge.text}
            </span>
          )}
          {!writing && detailed && (
            <button
              type="button"
              className="jp-Gptoss-link"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {open ? trans.__('Hide details') : detailLabel(provenance, trans)}
            </button>
          )}
        </div>
        <span className="jp-Gptoss-review-actions">
          <button
            type="button"
            className="jp-Gptoss-button jp-mod-accept"
            disabled={writing}
            title={trans.__('Accept this cell (Alt Y)')}
            onClick={props.onAccept}
          >
            {trans.__('Accept')}
          </button>
          <button
            type="button"
            className="jp-Gptoss-button jp-mod-reject"
            disabled={writing}
            title={trans.__('Reject this cell (Alt N)')}
            onClick={props.onReject}
          >
            {trans.__('Reject')}
          </button>
        </span>
      </div>
      {open && !writing && <Details provenance={provenance} trans={trans} />}
    </div>
  );
}

function Details(props: {
  provenance: CellProvenance;
  trans: TranslationBundle;
}): JSX.Element {
  const { provenance, trans } = props;
  const { error } = provenance.verification;
  return (
    <div className="jp-Gptoss-review-details">
      {error !== '' && <pre className="jp-Gptoss-error">{error}</pre>}
      {provenance.checks.length > 0 && (
        <ul className="jp-Gptoss-findings">
          {provenance.checks.map((finding, index) => (
            <FindingItem key={index} finding={finding} trans={trans} />
          ))}
        </ul>
      )}
      {provenance.sources.length > 0 && (
        <ul className="jp-Gptoss-citations">
          {provenance.sources.map((citation, index) => (
            <li key={index}>
              <SourceText citations={[citation]} trans={trans} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
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
  trans: TranslationBundle;
}): JSX.Element {
  return (
    <>
      {props.citations.map((citation, index) => {
        const place = placeOf(citation, props.trans);
        return /^https?:\/\//.test(citation.link) ? (
          <a
            key={index}
            className="jp-Gptoss-source"
            href={citation.link}
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
            {place}
          </span>
        );
      })}
    </>
  );
}

function detailLabel(
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
