import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';

import { CELL_VERBS, CommandIDs } from '../commands';
import { chosenOf } from '../model/edit_chosen';
import type { IChosen } from '../model/edit_chosen';
import { whyNot } from '../model/edit_verbs';
import type { CellVerb } from '../model/edit_verbs';
import { verbCaption, verbLabel } from '../widgets/edit_labels';
import { gptossIcon, shieldIcon } from '../widgets/icon';

/**
 * What the commands on cells work with.
 */
export interface IEditCommandOptions {
  commands: CommandRegistry;
  tracker: INotebookTracker;
  trans: TranslationBundle;
  isWriting: (job: string, cell: string) => boolean;
  onVerb: (verb: CellVerb, chosen: IChosen) => void;
}

/**
 * Register the commands that work on cells that are there, and the one that
 * lists them at the active cell.
 */
export function addEditCommands(options: IEditCommandOptions): void {
  const { commands, tracker, trans } = options;
  for (const [verb, id] of Object.entries(CELL_VERBS) as [CellVerb, string][]) {
    const reason = (args: ReadonlyPartialJSONObject): string =>
      reasonOf(options, verb, chosenOf(tracker, args));
    commands.addCommand(id, {
      label: args => {
        const label = verbLabel(verb, trans);
        const why = args.why === true ? reason(args) : '';
        return why === '' ? label : trans.__('%1 (%2)', label, why);
      },
      caption: args => reason(args) || verbCaption(verb, trans),
      icon: verb === 'run' ? shieldIcon : undefined,
      describedBy: { args: ARGUMENTS },
      isEnabled: args => reason(args) === '',
      execute: args => {
        const chosen = chosenOf(tracker, args);
        if (chosen && reason(args) === '') {
          options.onVerb(verb, chosen);
        }
      }
    });
  }
  addMenu(options);
}

function addMenu({ commands, tracker, trans }: IEditCommandOptions): void {
  let menu: Menu | null = null;
  commands.addCommand(CommandIDs.cellMenu, {
    label: trans.__('gpt-oss on This Cell'),
    caption: trans.__('Edit, fix, explain or port this cell with gpt-oss'),
    icon: gptossIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () => tracker.activeCell !== null,
    execute: () => {
      const node = tracker.activeCell?.node;
      if (!node) {
        return;
      }
      menu?.dispose();
      menu = new Menu({ commands });
      for (const command of Object.values(CELL_VERBS)) {
        menu.addItem({ command, args: { why: true } });
      }
      const button = node.querySelector('[data-jp-item-name="gptoss-cell"]');
      const { left, right, bottom, top } = (
        button ?? node
      ).getBoundingClientRect();
      menu.open(button ? right : left, button ? bottom : top, {
        horizontalAlignment: button ? 'right' : 'left'
      });
    }
  });
}

function reasonOf(
  { isWriting, trans }: IEditCommandOptions,
  verb: CellVerb,
  chosen: IChosen | null
): string {
  return whyNot(
    verb,
    {
      model: chosen?.panel.content.model ?? null,
      cells: chosen?.cells.map(({ model }) => model) ?? [],
      isWriting
    },
    trans
  );
}

const ARGUMENTS = {
  type: 'object',
  properties: {
    cell: {
      type: 'string',
      description: 'Id of a cell of the current notebook; else the selected.'
    },
    why: {
      type: 'boolean',
      description: 'Whether the label says why the command is disabled.'
    }
  }
} as const;
