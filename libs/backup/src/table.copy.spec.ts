import { describe, expect, it } from '@jest/globals';
import { bringBackSql, diffSql, exportSql, shapeOf } from './table.copy.js';

const keyed = shapeOf(['public.products|id|t', 'public.products|name|f']);
const keyless = shapeOf(['lab.chaos_unique|key|f']);

describe('shapeOf', () => {
  it('knows columns and key', () =>
    expect(keyed).toEqual({ table: 'public.products', columns: ['id', 'name'], key: ['id'] }));
  it('knows that there is no such table', () => expect(shapeOf([])).toBeUndefined());
});

describe('The SQL of a copy', () => {
  it('takes the rows that a condition names', () => {
    if (keyed === undefined) throw new Error('no shape');
    expect(exportSql(keyed, 'id < 10')).toBe('COPY (SELECT id, name FROM public.products WHERE id < 10) TO STDOUT');
    expect(exportSql(keyed, undefined)).toBe('COPY (SELECT id, name FROM public.products) TO STDOUT');
  });

  it('never changes a row that is there', () => {
    for (const shape of [keyed, keyless]) {
      if (shape === undefined) throw new Error('no shape');
      expect(bringBackSql(shape)).toContain('ON CONFLICT DO NOTHING');
      expect(bringBackSql(shape)).not.toMatch(/UPDATE|DELETE/);
    }
  });

  it('tells rows apart by the key, or by all they have', () => {
    if (keyed === undefined || keyless === undefined) throw new Error('no shape');
    expect(diffSql(keyed)).toContain('n.id = r.id');
    expect(diffSql(keyless)).toContain('EXCEPT ALL');
  });
});
