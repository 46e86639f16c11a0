import React from 'react';

import { Foot } from './foot';
import { HistoryTab } from './history_tab';
import { Lazy } from './lazy';
import { PanelBody } from './panel_body';
import type { IBodyProps } from './panel_body';
import { ReviewTab } from './review_tab';
import { TabPanel, Tabs } from './tabs';

/**
 * The tabs of the panel.
 */
export type PanelTab = 'generate' | 'review' | 'history' | 'monitor';

/**
 * The beginning of the ids of the tabs.
 */
export const TABS_ID = 'jp-Gptoss';

/**
 * What the tabs need: all that the body does, and which one is chosen.
 */
export interface IPanelTabsProps extends IBodyProps {
  tab: PanelTab;
  keysOpen: boolean;
  onTab: (tab: PanelTab) => void;
  onKeys: () => void;

  /**
   * Called when the keyboard has lost its place: the tab's button takes it.
   */
  onEmptied: () => void;
}

/**
 * All that the panel shows.
 */
export function PanelTabs(props: IPanelTabsProps): JSX.Element {
  const { tab, trans, pending } = props;
  const { count } = pending;
  return (
    <>
      <Tabs
        id={TABS_ID}
        label={trans.__('Generate, review, history, monitor')}
        chosen={tab}
        onChoose={props.onTab}
        tabs={[
          { name: 'generate', label: trans.__('Generate') },
          {
            name: 'review',
            label: trans.__('Review'),
            badge:
              count > 0
                ? {
                    text: count > 999 ? trans.__('999+') : `${count}`,
                    spoken: trans._n(
                      '%1 pending cell',
                      '%1 pending cells',
                      count
                    )
                  }
                : undefined
          },
          { name: 'history', label: trans.__('History') },
          { name: 'monitor', label: trans.__('Monitor') }
        ]}
      />
      <TabPanel id={TABS_ID} name="generate" chosen={tab}>
        {() => <PanelBody {...props} />}
      </TabPanel>
      <TabPanel id={TABS_ID} name="review" chosen={tab}>
        {() => (
          <ReviewTab
            {...props.pendingVerbs}
            list={pending}
            keysOf={props.keysOf}
            trans={trans}
            onEmptied={props.onEmptied}
            onGenerate={() => props.onTab('generate')}
          />
        )}
      </TabPanel>
      <TabPanel id={TABS_ID} name="history" chosen={tab}>
        {() => <History {...props} />}
      </TabPanel>
      <TabPanel id={TABS_ID} name="monitor" chosen={tab}>
        {() => <Monitor {...props} />}
      </TabPanel>
      <Foot {...props} />
    </>
  );
}

function History(props: IPanelTabsProps): JSX.Element {
  const { manager, pending } = props;
  return (
    <HistoryTab
      {...props.historyVerbs}
      history={props.history}
      isShown={job => pending.find(job) !== null}
      busy={manager.phase === 'starting' || manager.phase === 'streaming'}
      trans={props.trans}
      onEmptied={props.onEmptied}
      onGenerate={() => props.onTab('generate')}
    />
  );
}

/**
 * The figures: their code comes when they are first looked at.
 */
function Monitor(props: IPanelTabsProps): JSX.Element {
  // The button that is pressed goes with its tab: the other tab has the keyboard.
  const go = (tab: PanelTab): void => {
    props.onTab(tab);
    props.onEmptied();
  };
  return (
    <Lazy
      load={() => import('./monitor_tab')}
      trans={props.trans}
      props={{
        ...props.monitorVerbs,
        watch: props.monitor,
        trans: props.trans,
        onHistory: () => go('history'),
        onGenerate: () => go('generate')
      }}
    />
  );
}
