import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs, withKeys } from '../commands';
import type { IPlacedFinding } from '../model/findings';
import type { IMergeOptions } from './merge';

/**
 * The words of the view of a change.
 */
export function mergeTexts(
  commands: CommandRegistry,
  trans: TranslationBundle
): Omit<IMergeOptions, 'decide'> {
  return {
    goingText: trans.__(
      'This cell goes when you accept its deletion. It cannot be edited.'
    ),
    labelOf: verdict =>
      verdict === 'accepted'
        ? withKeys(
            trans.__('Accept this change'),
            commands,
            CommandIDs.acceptHunk
          )
        : withKeys(
            trans.__('Reject this change'),
            commands,
            CommandIDs.rejectHunk
          ),
    describe: placed => describe(placed, trans)
  };
}

function describe(
  { finding, line }: IPlacedFinding,
  trans: TranslationBundle
): string {
  const { severity, message, suggestions } = finding;
  const where =
    severity === 'error'
      ? trans.__('Error in line %1:', line)
      : severity === 'warning'
        ? trans.__('Warning in line %1:', line)
        : trans.__('Note on line %1:', line);
  const perhaps = suggestions.length
    ? ` ${trans.__('Perhaps: %1', suggestions.join(', '))}`
    : '';
  return `${where} ${message}${perhaps}`;
}
