import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { placeText, targetOf } from '../model/paper_places';
import type { IPaperTarget } from '../model/paper_places';
import type { Place } from '../wire/schema';

/**
 * What a link to a place of a paper needs.
 */
export interface IPlaceProps {
  paper: { readonly uri: string; readonly files: readonly string[] } | null;
  place: Place;

  /**
   * What the link says; else where the place is.
   */
  text?: string;

  /**
   * What stands there: said to who cannot see what the link stands beside.
   */
  of: string;

  /**
   * The folder that the server serves.
   */
  root: string;
  trans: TranslationBundle;
  onOpen: (target: IPaperTarget) => void;
}

/**
 * A page of a paper, or the section: a link where it can be opened.
 */
export function PlaceLink(props: IPlaceProps): JSX.Element | null {
  const { paper, place, trans } = props;
  const text = props.text ?? placeText(place, trans);
  if (text === '') {
    return null;
  }
  const target = paper && targetOf(paper, place, props.root);
  return target ? (
    <button
      type="button"
      className="jp-Gptoss-link jp-Gptoss-place"
      aria-label={
        props.text === undefined
          ? trans.__('Open the paper at %1: %2', text, props.of)
          : trans.__('Open the paper: %1', props.of)
      }
      title={trans.__('Open the paper here')}
      onClick={() => props.onOpen(target)}
    >
      {text}
    </button>
  ) : (
    <span className="jp-Gptoss-quiet">{text}</span>
  );
}
