import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { worst } from '../model/monitor_rates';
import type { ServiceState } from '../wire/schema';
import { serviceName, statusText } from './monitor_labels';

/**
 * Shapes that differ, so that a state is seen without its colour.
 */
const SHAPES: Record<ServiceState['status'], string> = {
  ok: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM6.9 11 3.9 8l1-1 2 2 4.2-4.2 1 1z',
  warn: 'M8 1.2 15.2 14.3H.8zM7.2 6v4h1.6V6zm0 5v1.6h1.6V11z',
  fail: 'M5.2 1.3h5.6l3.9 3.9v5.6l-3.9 3.9H5.2l-3.9-3.9V5.2zM5.5 4.4 4.4 5.5 6.9 8l-2.5 2.5 1.1 1.1L8 9.1l2.5 2.5 1.1-1.1L9.1 8l2.5-2.5-1.1-1.1L8 6.9z',
  off: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.4a5.1 5.1 0 1 1 0 10.2A5.1 5.1 0 0 1 8 2.9zM5 7.3v1.4h6V7.3z'
};

/**
 * How the parts of the server stand, and what to do about those that do not.
 */
export function MonitorHealth(props: {
  services: readonly ServiceState[];
  trans: TranslationBundle;
}): JSX.Element {
  const { services, trans } = props;
  const status = worst(services);
  return (
    <section className="jp-Gptoss-section" aria-label={trans.__('Health')}>
      <h3 className="jp-Gptoss-verdict">
        {status && <StatusIcon status={status} />}
        {verdictText(services, trans)}
      </h3>
      <ul className="jp-Gptoss-services">
        {worstFirst(services).map(service => (
          <li key={service.name}>
            <StatusIcon status={service.status} />
            <div>
              <strong>{serviceName(service.name, trans)}</strong>{' '}
              <span className="jp-Gptoss-service-status">
                {statusText(service.status, trans)}
              </span>
              {service.detail && (
                <div className="jp-Gptoss-quiet">{service.detail}</div>
              )}
              {service.fix && (
                <div className="jp-Gptoss-service-fix">{service.fix}</div>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function StatusIcon(props: { status: ServiceState['status'] }): JSX.Element {
  const { status } = props;
  return (
    <svg
      className={`jp-Gptoss-health-icon jp-mod-${status}`}
      viewBox="0 0 16 16"
      width={16}
      height={16}
      aria-hidden="true"
      focusable="false"
    >
      <path fillRule="evenodd" d={SHAPES[status]} />
    </svg>
  );
}

const ORDER = ['fail', 'warn', 'off', 'ok'];

/**
 * What needs a person first; parts that stand alike keep the server's order.
 */
function worstFirst(services: readonly ServiceState[]): ServiceState[] {
  return [...services].sort(
    (one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status)
  );
}

/**
 * Say in one line whether anything is to be done.
 */
export function verdictText(
  services: readonly ServiceState[],
  trans: TranslationBundle
): string {
  const named = (wanted: ServiceState['status']): string =>
    services
      .filter(({ status }) => status === wanted)
      .map(({ name }) => serviceName(name, trans))
      .join(', ');
  switch (worst(services)) {
    case 'fail':
      return trans.__('Failing: %1', named('fail'));
    case 'warn':
      return trans.__('Needs a look: %1', named('warn'));
    case 'ok':
      return trans.__('All is well');
    case 'off':
      return trans.__('Everything is off');
    default:
      return trans.__('Nothing is known of its parts');
  }
}
