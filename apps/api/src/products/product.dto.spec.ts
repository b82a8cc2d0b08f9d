import { describe, expect, it } from '@jest/globals';
import { Product } from './product.entity.js';
import { toProductDto, toProductPage } from './product.dto.js';

const served = { member: 'patroni2', address: '10.0.0.2', role: 'replica' as const };

function stored(id: number): Product {
  const at = new Date('2026-11-20T10:00:00Z');
  return Object.assign(Product.create({ name: `p${id}`, price: 1 }), { id, createdAt: at, updatedAt: at });
}

describe('toProductDto', () => {
  it('carries the product, times in RFC 3339 and who served it', () => {
    expect(toProductDto(stored(1), served)).toEqual({
      id: 1,
      name: 'p1',
      price: 1,
      createdAt: '2026-11-20T10:00:00.000Z',
      updatedAt: '2026-11-20T10:00:00.000Z',
      servedByNode: '10.0.0.2',
      servedBy: { member: 'patroni2', role: 'replica' },
    });
  });
});

describe('toProductPage', () => {
  it.each([
    // rows found with limit 2 (3 asked for), ids answered, nextAfter
    [[], [], null],
    [[1], [1], null],
    [[1, 2], [1, 2], null],
    [[1, 2, 3], [1, 2], 2],
  ])('of rows %p answers %p and nextAfter %p', (rows, ids, nextAfter) => {
    const page = toProductPage(rows.map(stored), 2, served);
    expect(page.items.map(({ id }) => id)).toEqual(ids);
    expect(page.nextAfter).toBe(nextAfter);
  });
});
