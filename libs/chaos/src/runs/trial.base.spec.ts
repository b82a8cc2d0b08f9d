import { expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FinalState } from '../history/final.state.js';
import type { Workload } from '../load/workload.js';
import { Observer } from '../observe/observer.js';
import { TrialBase } from './trial.base.js';

/** A trial whose clients can't be made. */
class LoadlessTrial extends TrialBase {
  deleted = 0;

  constructor(
    folder: string,
    say: (line: string) => void,
    private readonly isDown: boolean,
  ) {
    const options = { path: (kind: string) => join(folder, kind), signal: new AbortController().signal, say };
    super(
      options,
      (nowMs, watch) =>
        new Observer(
          { members: [], memberStatus: () => Promise.reject(new Error('there is none')) },
          nowMs,
          100,
          watch,
        ),
    );
  }

  override async heal(): Promise<void> {}

  override async deleteRows(): Promise<void> {
    this.deleted += 1;
    if (this.isDown) throw new Error('nobody leads');
  }

  protected override prepareLoad(): Promise<Workload> {
    return Promise.reject(new Error('no client can connect'));
  }

  protected override async healthy(): Promise<boolean> {
    return true;
  }

  protected override async readFinal(): Promise<FinalState> {
    throw new Error('there is none');
  }
}

it.each([
  ['deletes what its load has written before it failed', false, []],
  [
    'says which rows stay behind, and fails by the load all the same',
    true,
    [expect.stringMatching(/^the rows of chaos-.* stay behind: .*nobody leads/)],
  ],
])('A trial that cannot begin %s', async (_, isDown, said) => {
  const folder = await mkdtemp(join(tmpdir(), 'trial-'));
  const lines: string[] = [];
  const trial = new LoadlessTrial(folder, (line) => lines.push(line), isDown);
  try {
    await expect(trial.start()).rejects.toThrow('no client can connect');
    // As the course does where the run was interrupted meanwhile.
    await trial.discardRows();
    expect({ deleted: trial.deleted, lines }).toEqual({ deleted: 1, lines: said });
  } finally {
    await trial.stop();
    await rm(folder, { recursive: true });
  }
});
