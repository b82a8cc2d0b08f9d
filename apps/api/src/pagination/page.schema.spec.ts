import { describe, expect, it } from '@jest/globals';
import { idParamsSchema } from '../problem-details/request.schema.js';
import { pageQuerySchema } from './page.schema.js';

const others = ['0x10', '1e3', ' 1', '1 ', '+1', '01', '1.0', '1_0', '-1', '0b1', '１', '', 'Infinity', '1\n'];

describe('A number in a path or a query', () => {
  it('is read from decimal digits', () => {
    expect(idParamsSchema.parse({ id: '16' })).toEqual({ id: 16 });
    expect(pageQuerySchema.parse({ limit: '100', after: '2147483647' })).toEqual({ limit: 100, after: 2_147_483_647 });
    expect(pageQuerySchema.parse({})).toEqual({ limit: 20 });
  });

  it.each(others)('has no other spelling: %p', (text) => {
    expect(idParamsSchema.safeParse({ id: text }).success).toBe(false);
    expect(pageQuerySchema.safeParse({ limit: text }).success).toBe(false);
    expect(pageQuerySchema.safeParse({ after: text }).success).toBe(false);
  });
});
