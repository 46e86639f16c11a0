import { asProblem } from '../request';
import type {
  ISandboxActivity,
  ISandboxApi,
  ISandboxes,
  SandboxVerb
} from '../tokens';
import type {
  Problem,
  SandboxCapabilities,
  SandboxState
} from '../wire/schema';
import { BUSY_INTERVAL_MS, IDLE_INTERVAL_MS, paceOf } from './pace';
import { Watched } from './watched';

/**
 * A kernel that this page is connected to.
 *
 * Its connection is told, so that the notebook knows what became of its cells.
 */
export interface IOwnKernel {
  /**
   * Path of its notebook, which the server may know by an older name.
   */
  readonly path: string;
  restart(): Promise<void>;
  shutdown(): Promise<void>;

  /**
   * The server has put a new kernel in the place of the old one.
   */
  renew(): Promise<void>;
}

/**
 * What the sandboxes work with.
 */
export interface ISandboxesOptions {
  api: ISandboxApi;

  /**
   * The kernel of an open notebook, where the sandbox is one.
   */
  ownKernel?: (id: string) => IOwnKernel | null;
}

/**
 * The sandboxes of this server, asked for as long as somebody looks.
 */
export class Sandboxes extends Watched implements ISandboxes {
  constructor(private readonly _options: ISandboxesOptions) {
    super('gptoss-lab:sandboxes', IDLE_INTERVAL_MS);
  }

  get list(): readonly SandboxState[] | null {
    return this._list;
  }

  get capabilities(): SandboxCapabilities | null {
    return this._capabilities;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  activity(id: string): ISandboxActivity | null {
    return this._activities.get(id) ?? null;
  }

  async interrupt(id: string): Promise<void> {
    await this._act(id, 'interrupt', () => this._options.api.interrupt(id));
  }

  /**
   * Start a sandbox anew. With `data`, that is shown to it from then on.
   */
  async restart(id: string, data?: string[]): Promise<void> {
    const own = this._options.ownKernel?.(id);
    await this._act(id, 'restart', async () => {
      if (own && !data) {
        await own.restart();
        return;
      }
      await this._options.api.restart(id, data);
      await own?.renew();
    });
  }

  async stop(id: string): Promise<void> {
    const own = this._options.ownKernel?.(id);
    await this._act(id, 'stop', () =>
      own ? own.shutdown() : this._options.api.stop(id)
    );
  }

  /**
   * Add packages; resolves to what went wrong, or to null.
   */
  addPackages(id: string, names: string[]): Promise<Problem | null> {
    return this._act(id, 'packages', async () => {
      await this._options.api.addPackages(id, names);
      await this._options.ownKernel?.(id)?.renew();
    });
  }

  dismiss(id: string): void {
    if (this._activities.get(id)?.running === false) {
      this._activities.delete(id);
      this.emitChanged();
    }
  }

  private async _act(
    id: string,
    verb: SandboxVerb,
    call: () => Promise<void>
  ): Promise<Problem | null> {
    if (this._activities.get(id)?.running) {
      return null;
    }
    this._activities.set(id, { verb, running: true, problem: null });
    this.emitChanged();
    let problem: Problem | null = null;
    try {
      await call();
      this._activities.delete(id);
    } catch (reason) {
      problem = asProblem(reason);
      this._activities.set(id, { verb, running: false, problem });
    }
    this.emitChanged();
    await this.refresh();
    return problem;
  }

  protected begin(): void {
    // What the server can do may have changed while nobody looked.
    this._stale = true;
  }

  protected async ask(): Promise<void> {
    const before = JSON.stringify([this._list, this._capabilities]);
    const failed = this._problem;
    try {
      const { sandboxes } = await this._options.api.sandboxes();
      this._list = sandboxes.map(sandbox => ({
        ...sandbox,
        notebook:
          this._options.ownKernel?.(sandbox.id)?.path ?? sandbox.notebook
      }));
      this._forget();
      this._setPace();
      this._problem = await this._askCapabilities();
    } catch (reason) {
      this._problem = asProblem(reason);
      this._stale = true;
      if (!sameProblem(this._problem, failed)) {
        this.emitChanged();
      }
      // Refused, so that the poll backs off.
      throw reason;
    }
    if (failed || JSON.stringify([this._list, this._capabilities]) !== before) {
      this.emitChanged();
    }
  }

  /**
   * Learn what the server can do, unless that is known; what stands in the way
   * does not keep the list from being shown.
   */
  private async _askCapabilities(): Promise<Problem | null> {
    if (this._stale || !this._capabilities) {
      try {
        this._capabilities = await this._options.api.capabilities();
        this._stale = false;
      } catch (reason) {
        return asProblem(reason);
      }
    }
    return null;
  }

  private _forget(): void {
    const known = new Set(this._list?.map(({ id }) => id));
    for (const [id, { running }] of this._activities) {
      if (!running && !known.has(id)) {
        this._activities.delete(id);
      }
    }
  }

  private _setPace(): void {
    const acting = [...this._activities.values()].some(one => one.running);
    const interval = acting ? BUSY_INTERVAL_MS : paceOf(this._list ?? []);
    this.setInterval(interval);
  }

  private readonly _activities = new Map<string, ISandboxActivity>();
  private _list: readonly SandboxState[] | null = null;
  private _capabilities: SandboxCapabilities | null = null;
  private _problem: Problem | null = null;
  private _stale = true;
}

function sameProblem(one: Problem | null, other: Problem | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
