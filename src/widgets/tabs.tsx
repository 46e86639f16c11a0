import React from 'react';

/**
 * One tab of a row of tabs.
 */
export interface ITab<T extends string> {
  readonly name: T;
  readonly label: string;

  /**
   * A number that stands behind the label, and what it says in words.
   */
  readonly badge?: { readonly text: string; readonly spoken: string };
}

/**
 * What a row of tabs needs.
 */
export interface ITabsProps<T extends string> {
  id: string;

  /**
   * What a screen reader calls the row.
   */
  label: string;
  tabs: readonly ITab<T>[];
  chosen: T;
  onChoose: (name: T) => void;
}

/**
 * A row of tabs: one stop of the keyboard, within it the arrows, Home and End
 * choose.
 *
 * Source: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
 */
export function Tabs<T extends string>(props: ITabsProps<T>): JSX.Element {
  const { id, tabs, chosen } = props;
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    const row = event.currentTarget;
    const rtl = getComputedStyle(row).direction === 'rtl';
    const at = tabs.findIndex(({ name }) => name === chosen);
    const next = tabs[placeAfter(event.key, at, tabs.length, rtl)];
    if (next && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      props.onChoose(next.name);
      row.querySelector<HTMLElement>(`#${tabId(id, next.name)}`)?.focus();
    }
  };
  return (
    <div
      className="jp-Gptoss-tabs"
      role="tablist"
      aria-label={props.label}
      onKeyDown={onKeyDown}
    >
      {tabs.map(({ name, label, badge }) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={tabId(id, name)}
          className="jp-Gptoss-tab"
          aria-selected={name === chosen}
          aria-controls={tabPanelId(id, name)}
          tabIndex={name === chosen ? 0 : -1}
          onClick={() => props.onChoose(name)}
        >
          {label}
          {badge && (
            <>
              <span className="jp-Gptoss-tab-badge" aria-hidden="true">
                {badge.text}
              </span>
              <span className="jp-Gptoss-spoken">{badge.spoken}</span>
            </>
          )}
        </button>
      ))}
    </div>
  );
}

/**
 * What belongs to a tab; empty and hidden while another is chosen.
 */
export function TabPanel<T extends string>(props: {
  id: string;
  name: T;
  chosen: T;
  children: () => React.ReactNode;
}): JSX.Element {
  const { id, name, chosen } = props;
  return (
    <div
      role="tabpanel"
      id={tabPanelId(id, name)}
      className="jp-Gptoss-tabpanel"
      aria-labelledby={tabId(id, name)}
      hidden={name !== chosen}
    >
      {name === chosen && props.children()}
    </div>
  );
}

/**
 * The id of a tab's button.
 */
export function tabId(id: string, name: string): string {
  return `${id}-tab-${name}`;
}

function tabPanelId(id: string, name: string): string {
  return `${id}-panel-${name}`;
}

function placeAfter(
  key: string,
  at: number,
  count: number,
  rtl: boolean
): number {
  const forward = rtl ? 'ArrowLeft' : 'ArrowRight';
  const back = rtl ? 'ArrowRight' : 'ArrowLeft';
  switch (key) {
    case forward:
      return (at + 1) % count;
    case back:
      return (at - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}
