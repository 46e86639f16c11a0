import type {
  IModelActivity,
  IModelApi,
  IModelService,
  ModelVerb
} from '../model_tokens';
import { asProblem } from '../request';
import type { ModelPlan, ModelState, Problem } from '../wire/schema';
import { IDLE_INTERVAL_MS, LOADING_INTERVAL_MS, modelPaceOf } from './pace';
import { Watched } from './watched';

/**
 * The model of this server, asked for as long as somebody looks.
 *
 * The server alone knows how it stands: what another page has done is seen with
 * the next answer.
 */
export class ModelService extends Watched implements IModelService {
  constructor(private readonly _api: IModelApi) {
    super('gptoss-lab:model', IDLE_INTERVAL_MS);
  }

  get state(): ModelState | null {
    return this._state;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  get activity(): IModelActivity | null {
    return this._activity;
  }

  get plan(): ModelPlan | Problem | null {
    return this._plan;
  }

  get logs(): readonly string[] | Problem | null {
    return this._logs;
  }

  /**
   * Ask now, whether or not somebody looks; resolves once it is answered.
   */
  async refresh(): Promise<void> {
    if (this.isDisposed) {
      return;
    }
    try {
      if (this.isWatched) {
        await super.refresh();
        await this.answered;
      } else {
        await this.ask();
      }
    } catch {
      // It is kept as the problem, and the poll backs off by itself.
    }
  }

  start(): Promise<void> {
    return this._act('start', () => this._api.start({}));
  }

  /**
   * Use a server that was found.
   */
  attach(url: string): Promise<void> {
    return this._act('attach', () => this._api.start({ attach: url }));
  }

  /**
   * Stop the model; during a start, give that up.
   */
  stop(): Promise<void> {
    return this._act('stop', () => this._api.stop());
  }

  /**
   * Ask what fits this machine; what is known stays until the answer comes.
   */
  askPlan(): Promise<void> {
    this._planning ??= this._api
      .plan()
      .catch(asProblem)
      .then(plan => {
        this._planning = null;
        this._plan = plan;
        this.emitChanged();
      });
    return this._planning;
  }

  /**
   * Ask for the engine's last lines; those that are known stay until then.
   */
  askLogs(): Promise<void> {
    this._reading ??= this._api
      .logs()
      .then(({ lines }) => lines, asProblem)
      .then(logs => {
        this._reading = null;
        if (JSON.stringify(logs) !== JSON.stringify(this._logs)) {
          this._logs = logs;
          this.emitChanged();
        }
      });
    return this._reading;
  }

  /**
   * Forget what was refused.
   */
  dismiss(): void {
    if (this._activity?.running === false) {
      this._activity = null;
      this.emitChanged();
    }
  }

  /**
   * One verb at a time, but for a stop, which gives up a start.
   */
  private async _act(
    verb: ModelVerb,
    call: () => Promise<ModelState>
  ): Promise<void> {
    const before = this._activity;
    if (before?.running && (before.verb === 'stop' || verb !== 'stop')) {
      return;
    }
    const activity = { verb, running: true, problem: null };
    this._activity = activity;
    this._turn += 1;
    this.emitChanged();
    let problem: Problem | null = null;
    let state: ModelState | null = null;
    try {
      state = await call();
    } catch (reason) {
      problem = asProblem(reason);
    }
    if (this._activity !== activity) {
      // A stop has overtaken this start, and says what came of it.
      return;
    }
    this._turn += 1;
    this._activity = problem && { verb, running: false, problem };
    this._state = state ?? this._state;
    this.emitChanged();
    this._setPace();
    void this.refresh();
  }

  protected async ask(): Promise<void> {
    const turn = this._turn;
    const before = JSON.stringify(this._state);
    const failed = this._problem;
    try {
      const state = await this._api.state();
      if (turn !== this._turn) {
        // Asked before a verb ended: the verb's own answer is newer.
        return;
      }
      this._state = state;
      this._problem = null;
      this._setPace();
    } catch (reason) {
      this._problem = asProblem(reason);
      if (JSON.stringify(this._problem) !== JSON.stringify(failed)) {
        this.emitChanged();
      }
      // Refused, so that the poll backs off.
      throw reason;
    }
    if (failed || JSON.stringify(this._state) !== before) {
      this.emitChanged();
    }
  }

  private _setPace(): void {
    const interval = this._activity?.running
      ? LOADING_INTERVAL_MS
      : modelPaceOf(this._state);
    this.setInterval(interval);
  }

  private _state: ModelState | null = null;
  private _problem: Problem | null = null;
  private _activity: IModelActivity | null = null;
  private _plan: ModelPlan | Problem | null = null;
  private _logs: readonly string[] | Problem | null = null;
  private _planning: Promise<void> | null = null;
  private _reading: Promise<void> | null = null;
  private _turn = 0;
}
