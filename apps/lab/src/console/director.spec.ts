import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../../libs/cluster/src/wait.js';
import { demonstrationBoundMs } from '../../../../libs/live/src/protocol.js';
import { Director } from './director.js';
import { RunFolders } from './run.views.js';
import type { Order, Report } from './worker.messages.js';
import { type Worker, WorkerRefusedError } from './worker.process.js';

/** On a machine that is busy with other things, too. */
const stepsBoundMs = 10_000;

/** A worker that only writes down what it is told. */
class SeenWorker implements Worker {
  readonly orders: Order[] = [];
  wasEnded = false;
  private resolveEnded = () => {};
  readonly ended = new Promise<void>((resolve) => {
    this.resolveEnded = resolve;
  });

  constructor(readonly report: (report: Report) => void) {}

  tell(order: Order): void {
    this.orders.push(order);
  }

  async end(): Promise<void> {
    this.wasEnded = true;
    this.die();
  }

  die(): void {
    this.resolveEnded();
  }
}

let root: string;
let workers: SeenWorker[];
let log: string[];
let begin: () => Promise<void>;
let director: Director;

const directorOf = (folders: RunFolders) =>
  new Director(
    folders,
    ({ text }) => log.push(text),
    async (take) => {
      await begin();
      const worker = new SeenWorker(take);
      workers.push(worker);
      return worker;
    },
  );

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'console-'));
  workers = [];
  log = [];
  begin = async () => {};
  director = directorOf(new RunFolders(root));
});

afterEach(async () => {
  await director.close();
  await rm(root, { recursive: true });
});

const kinds = (index = 0) => workers[index]?.orders.map(({ kind }) => kind);
const activity = () => director.activity(0, 'another run is at work').kind;
/** Waits for what follows a report, which nobody awaits. */
const eventually = (what: string, isSo: () => boolean) =>
  until({ what, boundMs: stepsBoundMs, everyMs: 5 }, () => isSo() || undefined);
const wasEnded = (index = 0) => eventually('the worker was ended', () => workers[index]?.wasEnded === true);

describe('What the console does with the lab', () => {
  it('starts a worker for a load, changes it, and ends the worker with it', async () => {
    await director.load(50);
    await director.load(80);
    expect(workers[0]?.orders).toEqual([
      { kind: 'load', ratePerSecond: 50 },
      { kind: 'load', ratePerSecond: 80 },
    ]);
    expect(activity()).toBe('load');
    await director.load(0);
    expect(workers[0]?.wasEnded).toBe(true);
    expect(activity()).toBe('elsewhere');
  });

  it('keeps a load for after a run that begins meanwhile, and tells it once', async () => {
    await director.break('switchover', null);
    await director.load(50);
    expect(kinds()).toEqual(['run']);
    workers[0]?.report({ kind: 'runEnded', line: '✓' });
    await eventually('the load goes on', () => kinds()?.at(-1) === 'load');
    await director.load(50);
    expect(kinds()).toEqual(['run', 'load']);
  });

  it('ends the worker after a run without a load', async () => {
    await director.break('switchover', null);
    workers[0]?.report({ kind: 'runEnded', line: '✓' });
    await wasEnded();
  });

  it('refuses a second run', async () => {
    await director.break('switchover', null);
    await expect(director.break('zombie', null)).rejects.toThrow('switchover goes on');
    expect(kinds()).toEqual(['run']);
  });

  it('does one thing after the other when all is asked at once', async () => {
    await Promise.all([director.heal(), director.break('switchover', null), director.load(50)]);
    expect(workers).toHaveLength(1);
    expect(kinds()).toEqual(['run']);
  });

  it('calls a run off that is to be healed before it began', async () => {
    let go = () => {};
    begin = () => new Promise((resolve) => (go = resolve));
    const broken = director.break('leader-kill', null);
    const healed = director.heal();
    go();
    await Promise.all([broken, healed]);
    expect(kinds()).toEqual([]);
    expect(log).toContain('leader-kill is called off, nothing was broken');
    expect(workers[0]?.wasEnded).toBe(true);
  });

  it('leaves no load behind when nobody watches any more while it starts', async () => {
    let go = () => {};
    begin = () => new Promise((resolve) => (go = resolve));
    const loaded = director.load(50);
    const left = director.leave();
    go();
    await Promise.all([loaded, left]);
    expect(kinds()).toEqual([]);
    expect(workers[0]?.wasEnded).toBe(true);
  });

  it('heals a run when nobody watches any more', async () => {
    await director.break('leader-kill', null);
    workers[0]?.report({ kind: 'phase', phase: 'broken' });
    await director.leave();
    expect(kinds()).toEqual(['run', 'heal']);
  });

  it('ends a load, and its worker, also when healing was asked for beside it', async () => {
    await director.load(50);
    await director.heal();
    expect(activity()).toBe('load');
    await director.load(0);
    expect([kinds(), workers.length, workers[0]?.wasEnded]).toEqual([['load'], 1, true]);
  });

  it('ends a load whose run was over just before healing was asked for', async () => {
    await director.load(50);
    await director.break('leader-kill', null);
    workers[0]?.report({ kind: 'runEnded', line: '✓' });
    await eventually('the load goes on', () => kinds()?.at(-1) === 'load');
    await director.heal();
    await director.leave();
    expect([kinds(), workers.length, workers[0]?.wasEnded]).toEqual([['load', 'run', 'load'], 1, true]);
  });

  it('tells why a worker could not begin, and wants nothing any more', async () => {
    begin = () => Promise.reject(new WorkerRefusedError('another run is at work: process 7', true));
    await expect(director.break('leader-kill', null)).rejects.toMatchObject({ isInUse: true });
    expect(activity()).toBe('elsewhere');
  });

  describe('whose folder for runs cannot be made', () => {
    beforeEach(async () => {
      await writeFile(join(root, 'file'), '');
      director = directorOf(new RunFolders(join(root, 'file', 'runs')));
    });

    it('says why it does not begin a run, and ends the worker', async () => {
      await expect(director.break('leader-kill', null)).rejects.toThrow(/^leader-kill cannot be begun: .*ENOTDIR/);
      await wasEnded();
      expect(kinds()).toEqual([]);
      await eventually('it wants nothing', () => activity() === 'elsewhere');
      expect(log).toContainEqual(expect.stringContaining('leader-kill cannot be begun'));
    });

    it('goes on with the load, heals, and refuses the next run for the same reason alone', async () => {
      await director.load(50);
      await expect(director.break('leader-kill', null)).rejects.toBeInstanceOf(WorkerRefusedError);
      expect(activity()).toBe('load');
      await director.heal();
      await director.load(80);
      await expect(director.break('zombie', null)).rejects.toThrow('zombie cannot be begun');
      await director.leave();
      expect([kinds(), workers[0]?.wasEnded]).toEqual([['load', 'load'], true]);
    });
  });

  it('starts another worker, which heals, when one dies during a run', async () => {
    await director.break('leader-kill', null);
    workers[0]?.die();
    await wasEnded(1);
    expect(log).toContain('the process that breaks the lab has ended unexpectedly');
    expect(workers).toHaveLength(2);
    expect(kinds(1)).toEqual([]);
  });

  it('does not call its own worker somebody else', async () => {
    let go = () => {};
    begin = () => new Promise((resolve) => (go = resolve));
    const healed = director.heal();
    expect(activity()).toBe('idle');
    go();
    await healed;
  });

  it('shows what a lesson asks for beside its own load, and never beside anything else', async () => {
    await director.load(50);
    let shown: (counts: number) => void = () => {};
    const showing = director.demonstrate(() => new Promise<number>((resolve) => (shown = resolve)), 'process 7');
    const second = director.demonstrate(async () => 2, 'process 7');
    await expect(second).rejects.toMatchObject({ isInUse: true, message: expect.stringContaining('another') });
    await expect(director.break('leader-kill', null)).rejects.toMatchObject({
      isInUse: true,
      message: expect.stringContaining('a demonstration goes on'),
    });
    shown(1);
    await expect(showing).resolves.toBe(1);
    await director.break('leader-kill', null);
    expect(kinds()).toEqual(['load', 'run']);
    await expect(director.demonstrate(async () => 3, undefined)).rejects.toThrow('leader-kill goes on');
  });

  it('shows nothing while another program has the lab, and may be asked again afterwards', async () => {
    const demonstrate = (elsewhere?: string) => director.demonstrate(async () => 1, elsewhere);
    await expect(demonstrate('another run is at work: process 7')).rejects.toMatchObject({
      isInUse: true,
      message: 'another run is at work: process 7',
    });
    await expect(director.demonstrate(() => Promise.reject(new Error('503')), undefined)).rejects.toThrow('503');
    await expect(demonstrate()).resolves.toBe(1);
  });

  it('gives up what a lesson shows after its bound, which is shorter than the page waits', async () => {
    const bound = new AbortController();
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(bound.signal);
    const untilAborted = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const showing = director.demonstrate(untilAborted, undefined);
    expect(timeout).toHaveBeenCalledWith(demonstrationBoundMs);
    bound.abort();
    await expect(showing).rejects.toThrow('given up after 110 s');
    await director.break('leader-kill', null);
    expect(kinds()).toEqual(['run']);
  });

  it('takes no order once it ends', async () => {
    await director.close();
    await expect(director.load(50)).rejects.toThrow('the console is ending');
  });
});
