import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ApiDifference, VersionGap } from '../wire/schema';

/**
 * Documentation of another version than what is installed, with what is gone of
 * what the task may need.
 */
export function VersionGaps(props: {
  gaps: readonly VersionGap[];
  trans: TranslationBundle;
}): JSX.Element | null {
  const { gaps, trans } = props;
  return gaps.length === 0 ? null : (
    <>
      {gaps.map(gap => (
        <section
          key={gap.corpus}
          className="jp-Gptoss-gap"
          aria-label={trans.__('Another version of %1', gap.package)}
        >
          <strong>{trans.__('Another version of %1', gap.package)}</strong>
          <dl>
            <dt>{trans.__('Documented')}</dt>
            <dd>
              {gap.documented}{' '}
              <span className="jp-Gptoss-quiet">{gap.source}</span>
            </dd>
            <dt>{trans.__('Installed')}</dt>
            <dd>
              {gap.installed}{' '}
              <span className="jp-Gptoss-quiet">
                {trans.__('The cells go by this one.')}
              </span>
            </dd>
          </dl>
          {gap.differences.length > 0 && (
            <ul aria-label={trans.__('What is gone')}>
              {gap.differences.map((difference, index) => (
                <li key={index}>
                  <Difference difference={difference} trans={trans} />
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
    </>
  );
}

function Difference(props: {
  difference: ApiDifference;
  trans: TranslationBundle;
}): JSX.Element {
  const { difference, trans } = props;
  const { name, kind, parameter, instead, sure } = difference;
  return (
    <>
      <code className="jp-Gptoss-gone">
        <del>{kind === 'parameter' ? parameter : name}</del>
      </code>{' '}
      {kind === 'parameter' && (
        <span className="jp-Gptoss-quiet">{trans.__('of %1', name)}</span>
      )}
      {kind === 'parameter' && ' '}
      {instead !== '' ? (
        <>
          <span role="img" aria-label={trans.__('use instead')}>
            →
          </span>{' '}
          <code>{instead}</code>
          {!sure && (
            <span className="jp-Gptoss-quiet">
              {' '}
              {trans.__('(the nearest name)')}
            </span>
          )}
        </>
      ) : (
        <span className="jp-Gptoss-quiet">
          {kind === 'parameter'
            ? trans.__('is taken no more')
            : trans.__('is gone')}
        </span>
      )}
    </>
  );
}
