import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import React, { useRef } from 'react';

import { WINDOWS_H } from '../model/monitor';
import type { IFigures, MonitorWatch } from '../model/monitor';
import { isEmpty } from '../model/monitor_rates';
import type { Monitor } from '../wire/schema';
import { CopyButton } from './copy_button';
import { Announcer, useKeptFocus } from './live';
import { MonitorHealth, verdictText } from './monitor_health';
import {
  momentText,
  monitorProblem,
  skewText,
  stageName,
  windowLabel,
  windowText
} from './monitor_labels';
import { monitorMarkdown } from './monitor_markdown';
import { MonitorQuality } from './monitor_quality';
import { MonitorResources } from './monitor_resources';
import { MonitorErrors, MonitorGroups } from './monitor_tables';
import { SpreadChart } from './spread_chart';
import { TimelineChart } from './timeline_chart';

/**
 * What a person may do with the figures.
 */
export interface IMonitorVerbs {
  onCopy: (markdown: string) => void;

  /**
   * Save the figures as the server said them.
   */
  onExport: (monitor: Monitor) => void;
}

/**
 * What the tab of the figures needs.
 */
export interface IMonitorTabProps extends IMonitorVerbs {
  watch: MonitorWatch;
  trans: TranslationBundle;
  onHistory: () => void;
  onGenerate: () => void;
}

/**
 * Whether the server is well, and how well generations do.
 */
export default function MonitorTab(props: IMonitorTabProps): JSX.Element {
  return (
    <UseSignal signal={props.watch.changed}>
      {() => <Shown {...props} />}
    </UseSignal>
  );
}

function Shown(props: IMonitorTabProps): JSX.Element {
  const { watch, trans } = props;
  const chosen = useRef<HTMLInputElement>(null);
  const onFocus = useKeptFocus(chosen);
  return (
    <div className="jp-Gptoss-body jp-Gptoss-monitor" onFocus={onFocus}>
      <Windows {...props} chosen={chosen} />
      <Trouble {...props} />
      {watch.figures ? (
        <Figures {...props} figures={watch.figures} />
      ) : (
        !watch.problem && (
          <p className="jp-Gptoss-teach" role="status">
            {trans.__('Loading the figures…')}
          </p>
        )
      )}
    </div>
  );
}

function Windows(
  props: IMonitorTabProps & { chosen: React.RefObject<HTMLInputElement> }
): JSX.Element {
  const { watch, trans, chosen } = props;
  return (
    <fieldset className="jp-Gptoss-windows">
      <legend className="jp-Gptoss-spoken">{trans.__('Time')}</legend>
      {WINDOWS_H.map(hours => (
        <label key={hours}>
          <input
            type="radio"
            ref={hours === watch.hours ? chosen : undefined}
            name="jp-Gptoss-window"
            checked={hours === watch.hours}
            aria-label={windowText(hours, trans)}
            onChange={() => void watch.choose(hours)}
          />
          <span aria-hidden="true">{windowLabel(hours, trans)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/**
 * Why there are no fresh figures, and of when those are that are shown.
 */
function Trouble(props: IMonitorTabProps): JSX.Element {
  const { watch, trans } = props;
  const { problem, figures } = watch;
  const said = problem && monitorProblem(problem, trans);
  const own = problem?.status === 403;
  return (
    <div className="jp-Gptoss-monitor-trouble" role="alert">
      {said && (
        <div className="jp-Gptoss-note jp-mod-warning">
          {[said.detail, said.hint].filter(Boolean).join(' ')}{' '}
          {figures &&
            trans.__(
              'These are the figures of %1.',
              momentText(figures.receivedAt)
            )}
          <button
            type="button"
            className="jp-Gptoss-button"
            onClick={() => (own ? props.onHistory() : void watch.refresh())}
          >
            {own ? trans.__('Show the history') : trans.__('Try again')}
          </button>
        </div>
      )}
    </div>
  );
}

function Figures(props: IMonitorTabProps & { figures: IFigures }): JSX.Element {
  const { figures, watch, trans } = props;
  const { monitor } = figures;
  const { total } = monitor;
  return (
    <>
      <Announcer text={verdictText(monitor.services, trans)} />
      <MonitorHealth services={monitor.services} trans={trans} />
      {isEmpty(total) ? (
        <NothingYet {...props} />
      ) : (
        <>
          <MonitorQuality
            quality={total}
            window={windowText(watch.hours, trans)}
            trans={trans}
          />
          {total.generations > 0 && (
            <TimelineChart monitor={monitor} trans={trans} />
          )}
          <MonitorErrors
            errors={monitor.errors}
            trans={trans}
            onHistory={props.onHistory}
          />
          <MonitorGroups groups={monitor.groups} trans={trans} />
        </>
      )}
      <Times monitor={monitor} trans={trans} />
      <MonitorResources resources={monitor.resources} trans={trans} />
      <Verbs {...props} />
    </>
  );
}

function Times(props: {
  monitor: Monitor;
  trans: TranslationBundle;
}): JSX.Element {
  const { monitor, trans } = props;
  const stages = monitor.stages.map(one => ({
    ...one,
    name: stageName(one.name, trans)
  }));
  return (
    <div className="jp-Gptoss-charts">
      {stages.length > 0 && (
        <SpreadChart
          title={trans.__('How long the stages take')}
          of={trans.__('Stage')}
          spreads={stages}
          trans={trans}
        />
      )}
      {monitor.responses.length > 0 && (
        <SpreadChart
          title={trans.__('How long the server takes to answer')}
          of={trans.__('Route')}
          spreads={monitor.responses}
          trans={trans}
        />
      )}
    </div>
  );
}

function NothingYet(props: IMonitorTabProps): JSX.Element {
  const { watch, trans } = props;
  return (
    <div className="jp-Gptoss-teach">
      <p>
        <strong>
          {trans.__(
            'Nothing was generated in %1.',
            windowText(watch.hours, trans)
          )}
        </strong>{' '}
        {trans.__(
          'Once something is, you see here how many generations come through, where cells fail, how often they are repaired and what people decide. Only counts and times are kept, no text.'
        )}
      </p>
      <p>
        <button
          type="button"
          className="jp-Gptoss-button"
          onClick={props.onGenerate}
        >
          {trans.__('Generate cells')}
        </button>
      </p>
    </div>
  );
}

function Verbs(props: IMonitorTabProps & { figures: IFigures }): JSX.Element {
  const { figures, watch, trans } = props;
  const skew = skewText(figures.skewS, trans);
  return (
    <div className="jp-Gptoss-monitor-foot">
      <CopyButton
        label={trans.__('Copy as Markdown')}
        done={trans.__('Copied')}
        onCopy={() =>
          props.onCopy(monitorMarkdown(figures, watch.hours, trans))
        }
      />
      <button
        type="button"
        className="jp-Gptoss-link"
        onClick={() => props.onExport(figures.monitor)}
      >
        {trans.__('Export JSON')}
      </button>
      <button
        type="button"
        className="jp-Gptoss-link"
        onClick={() => void watch.refresh()}
      >
        {trans.__('Refresh')}
      </button>
      <span className="jp-Gptoss-small">
        {trans.__('As of %1.', momentText(figures.receivedAt))} {skew}
      </span>
    </div>
  );
}
