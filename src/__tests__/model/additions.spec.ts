import { PromiseDelegate } from '@lumino/coreutils';

import type { IAdditionApi } from '../../addition_tokens';
import { PackageAdditions } from '../../model/additions';
import { RequestError } from '../../request';
import type { Event } from '../../wire/schema';
import { need } from '../fakes/additions';
import {
  DONE,
  GENERATOR,
  close,
  open,
  script,
  verified
} from '../fakes/script';

const EVENTS = script(
  { type: 'stage', stage: 'packages', detail: 'polars' },
  GENERATOR,
  open('a', 0),
  close('a', 'import polars'),
  verified('a'),
  DONE
);
const REFUSAL = {
  type: 'about:blank',
  title: 'Refused',
  status: 422,
  detail: 'The index has no package polars',
  code: 'package_refused',
  hint: 'Check the spelling.'
};

class FakeApi implements IAdditionApi {
  readonly asked: [string, readonly string[]][] = [];
  readonly cancelled: string[] = [];
  readonly gate = new PromiseDelegate<void>();
  failure: Error | null = null;

  constructor(private readonly _events: Event[] = EVENTS) {}

  async addPackages(job: string, packages: readonly string[]) {
    this.asked.push([job, packages]);
    if (this.failure) {
      throw this.failure;
    }
    return { job: 'j2', events: '', state: 'queued' as const };
  }

  async cancel(id: string) {
    this.cancelled.push(id);
    this.gate.resolve();
  }

  async *events() {
    for (const event of this._events) {
      yield event;
      if (event.type === 'stage') {
        await this.gate.promise;
      }
    }
  }
}

function setUp(api = new FakeApi(), agrees = true) {
  const take = jest.fn();
  const agree = jest.fn(async () => agrees);
  const notebooks = jest.fn(() => []);
  const additions = new PackageAdditions({ api, agree, take, notebooks });
  return { api, additions, take, agree };
}

describe('additions', () => {
  it('adds what the person agreed to and tells how the cells did', async () => {
    const { api, additions, take } = setUp();
    api.gate.resolve();
    await additions.add('j1', [need('polars'), need('x', { addable: false })]);
    expect(api.asked).toEqual([['j1', ['polars']]]);
    expect(additions.running).toBe(false);
    expect(additions.current).toMatchObject({ of: 'j1', problem: null });
    expect(take).toHaveBeenLastCalledWith(
      'j1',
      expect.objectContaining({ id: 'j2', outcome: 'done' })
    );
  });

  it('does nothing without consent, or where nothing is offered', async () => {
    const { api, additions, agree } = setUp(undefined, false);
    await additions.add('j1', [need('polars')]);
    await additions.add('j1', [need('x', { addable: false })]);
    expect(agree).toHaveBeenCalledTimes(1);
    expect(api.asked).toEqual([]);
    expect(additions.current).toBeNull();
  });

  it('adds one at a time', async () => {
    const { api, additions } = setUp();
    const first = additions.add('j1', [need('polars')]);
    await settle();
    expect(additions.running).toBe(true);
    await additions.add('j1', [need('polars')]);
    expect(api.asked).toHaveLength(1);
    api.gate.resolve();
    await first;
  });

  it('says why it was refused', async () => {
    const { api, additions, take } = setUp();
    api.failure = new RequestError(REFUSAL);
    await additions.add('j1', [need('polars')]);
    expect(additions.current?.problem).toEqual(REFUSAL);
    expect(additions.running).toBe(false);
    expect(take).not.toHaveBeenCalled();
  });

  it('says why a build failed', async () => {
    const events = script({ type: 'error', problem: REFUSAL });
    const { additions } = setUp(new FakeApi(events));
    await additions.add('j1', [need('polars')]);
    expect(additions.current?.problem).toEqual(REFUSAL);
    expect(additions.running).toBe(false);
  });

  it('stops when it is told to', async () => {
    const { api, additions } = setUp();
    const adding = additions.add('j1', [need('polars')]);
    await settle();
    await additions.stop();
    expect(api.cancelled).toEqual(['j2']);
    await adding;
    await additions.stop();
    expect(api.cancelled).toHaveLength(1);
  });
});

function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0));
}
