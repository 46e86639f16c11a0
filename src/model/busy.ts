/**
 * A second generation was asked for while one runs.
 */
export class BusyError extends Error {
  constructor(readonly path: string) {
    super(`A generation is running in ${path}.`);
    this.name = 'BusyError';
  }
}
