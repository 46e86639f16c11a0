import type { LimitOverrides, Limits } from '../wire/schema';

const MIB = 1024 ** 2;

/**
 * What a person allows a cell that is verified; 0 is all that the server allows.
 */
export interface IChosenLimits {
  readonly cellTimeout: number;
  readonly memory: number;
}

/**
 * A setting that is wider than what the administrator allows.
 */
export interface ICapped {
  readonly setting: keyof IChosenLimits;
  readonly chosen: number;
  readonly allowed: number;
}

/**
 * The limits to ask for. The server cuts them to what it allows.
 */
export function limitsFor({
  cellTimeout,
  memory
}: IChosenLimits): LimitOverrides {
  return {
    ...(cellTimeout > 0 ? { cell_timeout_s: cellTimeout } : {}),
    ...(memory > 0 ? { memory_bytes: memory * MIB } : {})
  };
}

/**
 * The settings of which only a part holds.
 */
export function cappedSettings(
  chosen: IChosenLimits,
  allowed: Limits | null
): ICapped[] {
  if (!allowed) {
    return [];
  }
  const most: IChosenLimits = {
    cellTimeout: allowed.cell_timeout_s,
    memory: Math.floor(allowed.memory_bytes / MIB)
  };
  return (['cellTimeout', 'memory'] as const)
    .filter(setting => chosen[setting] > most[setting])
    .map(setting => ({
      setting,
      chosen: chosen[setting],
      allowed: most[setting]
    }));
}
