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
 * The limits to ask for: what was chosen, but never more than is allowed, as
 * the server would refuse that. Before it has said what it allows, as chosen.
 */
export function limitsFor(
  chosen: IChosenLimits,
  allowed: Limits | null
): LimitOverrides {
  const { cellTimeout, memory } = chosen;
  const memoryBytes = memory * MIB;
  return {
    ...(cellTimeout > 0
      ? {
          cell_timeout_s: Math.min(
            cellTimeout,
            allowed?.cell_timeout_s ?? cellTimeout
          )
        }
      : {}),
    ...(memory > 0
      ? {
          memory_bytes: Math.min(
            memoryBytes,
            allowed?.memory_bytes ?? memoryBytes
          )
        }
      : {})
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
