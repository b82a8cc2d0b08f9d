import { describe, expect, it } from '@jest/globals';
import { Product } from './product.entity.js';
import { toProductDto } from './product.dto.js';

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
