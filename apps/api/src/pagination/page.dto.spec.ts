import { describe, expect, it } from '@jest/globals';
import { toPage } from './page.dto.js';

const served = { member: 'patroni2', address: '10.0.0.2', role: 'replica' as const };

describe('toPage', () => {
  it.each([
    // rows found with limit 2 (3 asked for), ids answered, nextAfter
    [[], [], null],
    [[1], [1], null],
    [[1, 2], [1, 2], null],
    [[1, 2, 3], [1, 2], 2],
  ])('of rows %p answers %p and nextAfter %p', (rows, ids, nextAfter) => {
    const page = toPage(rows, 2, (id) => ({ id }), served);
    expect(page.items.map(({ id }) => id)).toEqual(ids);
    expect(page.nextAfter).toBe(nextAfter);
  });

  it('says who served it', () => {
    expect(toPage([], 2, (id: number) => ({ id }), served)).toMatchObject({
      servedByNode: '10.0.0.2',
      servedBy: { member: 'patroni2', role: 'replica' },
    });
  });
});
