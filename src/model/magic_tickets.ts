import { CodeCell } from '@jupyterlab/cells';
import type { Cell } from '@jupyterlab/cells';
import { UUID } from '@lumino/coreutils';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';

/**
 * The member of an execution's metadata that says that a page listens.
 */
export const TICKET = 'gptoss_lab_ticket';

/**
 * Tickets of executions that run now: what a kernel publishes with one was
 * asked for by the person, here, a moment ago.
 */
export class Tickets {
  /**
   * Give a cell that is about to run a ticket of its own.
   */
  issue(cell: Cell): string {
    const ticket = UUID.uuid4();
    this._tickets.set(cell, ticket);
    return ticket;
  }

  /**
   * The ticket of a cell that runs, if it has one.
   */
  of(cell: Cell): string | undefined {
    return this._tickets.get(cell);
  }

  /**
   * End a cell's ticket: nothing that bears it counts from now on.
   */
  revoke(cell: Cell): void {
    this._tickets.delete(cell);
  }

  private readonly _tickets = new WeakMap<Cell, string>();
}

/**
 * Put tickets on executions, where only the kernel sees them: the metadata of
 * a message is not the metadata of the cell, so none is saved.
 */
export function stampTickets(tickets: Tickets): IDisposable {
  const original = CodeCell.execute;
  const stamped: typeof CodeCell.execute = (cell, session, metadata) => {
    const ticket = tickets.of(cell);
    return original(
      cell,
      session,
      ticket ? { ...metadata, [TICKET]: ticket } : metadata
    );
  };
  CodeCell.execute = stamped;
  return new DisposableDelegate(() => {
    if (CodeCell.execute === stamped) {
      CodeCell.execute = original;
    }
  });
}
