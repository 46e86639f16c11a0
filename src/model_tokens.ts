import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type {
  ModelLogs,
  ModelPlan,
  ModelState,
  Problem,
  StartRequest
} from './wire/schema';

/**
 * The endpoints that show and steer the model.
 */
export interface IModelApi {
  state(): Promise<ModelState>;

  /**
   * Returns once the start has begun, not once the model is there.
   */
  start(request: StartRequest): Promise<ModelState>;
  stop(): Promise<ModelState>;
  plan(): Promise<ModelPlan>;
  logs(): Promise<ModelLogs>;
}

/**
 * What a person may ask of the model.
 */
export type ModelVerb = 'start' | 'attach' | 'stop';

/**
 * What was asked of the model last: under way, or refused.
 */
export interface IModelActivity {
  readonly verb: ModelVerb;
  readonly running: boolean;
  readonly problem: Problem | null;
}

/**
 * The model of this server, asked for as long as somebody looks.
 */
export interface IModelService {
  /**
   * Null before the first answer.
   */
  readonly state: ModelState | null;

  /**
   * Why the last question was not answered; `state` is then older.
   */
  readonly problem: Problem | null;
  readonly activity: IModelActivity | null;

  /**
   * What fits this machine; null until it was asked for.
   */
  readonly plan: ModelPlan | Problem | null;

  /**
   * The engine's last lines; null until they were asked for.
   */
  readonly logs: readonly string[] | Problem | null;
  readonly changed: ISignal<IModelService, void>;

  /**
   * Follow the model until the returned object is disposed.
   */
  watch(): IDisposable;

  /**
   * Ask now, whether or not somebody looks.
   */
  refresh(): Promise<void>;
  start(): Promise<void>;

  /**
   * Use a server that was found.
   */
  attach(url: string): Promise<void>;

  /**
   * Stop the model; during a start, give that up.
   */
  stop(): Promise<void>;
  askPlan(): Promise<void>;
  askLogs(): Promise<void>;

  /**
   * Forget what was refused.
   */
  dismiss(): void;
}

/**
 * The token of the model service.
 */
export const IModelService = new Token<IModelService>(
  'gptoss-lab:IModelService',
  'The model of this server: how far it has come, and the verbs to steer it.'
);
