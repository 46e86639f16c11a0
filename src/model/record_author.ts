import type { User } from '@jupyterlab/services';

/**
 * Who decides, and when.
 */
export interface IStamp {
  /**
   * ISO 8601, in UTC.
   */
  readonly at: string;

  /**
   * The person's name; empty where the server knows none.
   */
  readonly by: string;
}

const MAX_NAME = 200;

/**
 * The person at this page, as far as the server knows them.
 */
export class Author {
  /**
   * Learn the person's name from this page's session from now on.
   */
  follow(user: Pick<User.IManager, 'identity'>): void {
    this._user = user;
  }

  /**
   * Say who decides now.
   */
  stamp(now = new Date()): IStamp {
    return { at: now.toISOString(), by: nameOf(this._user?.identity ?? null) };
  }

  private _user: Pick<User.IManager, 'identity'> | null = null;
}

/**
 * The author of all decisions of this page.
 */
export const author = new Author();

/**
 * The name of a person.
 *
 * #### Notes
 * Where one token is the only key, Jupyter Server knows no persons and makes a
 * name up for each browser: a random user name, and that of a moon. That would
 * say in a record that somebody decided whom nobody can find.
 */
export function nameOf(identity: User.IIdentity | null): string {
  if (!identity) {
    return '';
  }
  const name = identity.display_name || identity.name || identity.username;
  const invented =
    /^[0-9a-f]{32}$/.test(identity.username) && name.startsWith('Anonymous ');
  return invented ? '' : name.slice(0, MAX_NAME);
}
