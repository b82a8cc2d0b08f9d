import { describe, expect, it } from '@jest/globals';
import { NftFailedError, ToolboxMissingError } from '../../../cluster/src/containers.js';
import type { Lab } from '../../../cluster/src/lab.js';
import { canCut } from './cut.precondition.js';

const tried = (nft: () => Promise<void>) =>
  canCut('loss')({ lab: { containers: { nft } } as unknown as Lab, leader: 'patroni1' });

describe('The precondition of a cut', () => {
  it('is met where nft accepts the rules', async () => {
    expect(await tried(async () => undefined)).toBeUndefined();
  });

  it('is not met where nft refuses the rules, and says what nft said', async () => {
    const refusal = new NftFailedError('patroni1', 1, 'No such file or directory');
    expect(await tried(() => Promise.reject(refusal))).toMatch(/on this machine: .*No such file or directory/);
  });

  it.each([new ToolboxMissingError('there is no image'), new Error('not within 20000 ms: docker: nft')])(
    'throws where nft could not be tried: %s',
    async (trouble) => {
      await expect(tried(() => Promise.reject(trouble))).rejects.toBe(trouble);
    },
  );
});
