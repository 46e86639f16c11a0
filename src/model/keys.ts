import { CommandRegistry } from '@lumino/commands';

/**
 * A command and the keys that a person has for it.
 */
export interface IKeyLine {
  readonly command: string;
  readonly label: string;
  readonly keys: readonly string[];
}

/**
 * The keys of these commands as they are set now, in the order of the list;
 * a command without keys is left out.
 */
export function keyLines(
  commands: Pick<CommandRegistry, 'keyBindings' | 'label' | 'hasCommand'>,
  ids: readonly string[]
): IKeyLine[] {
  return ids
    .filter(id => commands.hasCommand(id))
    .map(command => ({
      command,
      label: commands.label(command),
      keys: keysOf(commands, command)
    }))
    .filter(({ keys }) => keys.length > 0);
}

/**
 * The keys of one command as a person reads them.
 */
export function keysOf(
  commands: Pick<CommandRegistry, 'keyBindings'>,
  command: string
): string[] {
  const keys = commands.keyBindings
    .filter(binding => binding.command === command)
    .map(binding => CommandRegistry.formatKeystroke(binding.keys));
  return [...new Set(keys)];
}
