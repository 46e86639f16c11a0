import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { IJob } from './tokens';
import type { Event, JobAccepted, PackageNeed, Problem } from './wire/schema';

/**
 * Packages that are added for the cells of a job.
 */
export interface IAddition {
  /**
   * The job whose cells lack them.
   */
  readonly of: string;
  readonly packages: readonly string[];

  /**
   * The job that adds them; null before the server took it.
   */
  readonly job: IJob | null;

  /**
   * Why it did not go through; null where it did, or may yet.
   */
  readonly problem: Problem | null;
}

/**
 * Adds packages to the sandbox's environment, and has the cells that lack them
 * checked and run again.
 */
export interface IAdditions {
  /**
   * What is added, or was added last; null before the first.
   */
  readonly current: IAddition | null;

  /**
   * Whether something is being added.
   */
  readonly running: boolean;
  readonly changed: ISignal<IAdditions, void>;

  /**
   * Add what the cells of a job need, once the person has agreed; nothing
   * happens while another addition runs.
   */
  add(of: string, needs: readonly PackageNeed[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The endpoints that an addition needs.
 */
export interface IAdditionApi {
  addPackages(job: string, packages: readonly string[]): Promise<JobAccepted>;
  cancel(id: string): Promise<void>;
  events(
    id: string,
    options?: { after?: number; signal?: AbortSignal }
  ): AsyncIterable<Event>;
}

/**
 * The token of the additions.
 */
export const IAdditions = new Token<IAdditions>(
  'gptoss-lab:IAdditions',
  'Adds the packages that cells lack to the sandbox, and runs them again.'
);
