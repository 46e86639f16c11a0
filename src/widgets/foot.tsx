import React from 'react';

import { Capped } from './capped';
import { Keyboard } from './keys';
import type { IPanelOptions } from './panel_body';
import { State } from './state';

/**
 * What stands below every tab: the keys, who answers, what is run first.
 */
export function Foot(
  props: Pick<
    IPanelOptions,
    | 'health'
    | 'model'
    | 'verify'
    | 'capped'
    | 'keyLines'
    | 'onChangeKeys'
    | 'trans'
  > & { keysOpen: boolean; onKeys: () => void }
): JSX.Element {
  const { trans } = props;
  return (
    <div className="jp-Gptoss-foot">
      <Keyboard
        lines={props.keyLines}
        open={props.keysOpen}
        trans={trans}
        onToggle={props.onKeys}
        onChange={props.onChangeKeys}
      />
      <div className="jp-Gptoss-state">
        <State
          health={props.health()}
          model={props.model.state}
          verify={props.verify()}
          trans={trans}
        />
        <Capped settings={props.capped()} trans={trans} />
      </div>
    </div>
  );
}
