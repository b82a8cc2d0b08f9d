import { describe, expect, it } from '@jest/globals';
import {
  bringBackSql,
  copyableShape,
  diffSql,
  exportSql,
  makeTableCommand,
  raiseCountersSql,
  shapeOf,
} from './table.copy.js';

const keyed = shapeOf(['public.products|id|t|public.products_id_seq|7', 'public.products|name|f||']);
const keyless = shapeOf(['lab.chaos_unique|key|f||']);

describe('shapeOf', () => {
  it('knows columns and key', () =>
    expect(keyed).toEqual({
      table: 'public.products',
      columns: ['id', 'name'],
      key: ['id'],
      counters: [{ column: 'id', sequence: 'public.products_id_seq', last: '7' }],
    }));
  it('knows a sequence that has given nothing yet', () =>
    expect(shapeOf(['t|id|t|t_id_seq|'])?.counters).toEqual([{ column: 'id', sequence: 't_id_seq', last: undefined }]));
  it('knows that there is no such table', () => expect(shapeOf([])).toBeUndefined());
});

describe('copyableShape', () => {
  it('leaves out columns that are gone, and takes the sequences of now with what those of the past gave last', () => {
    const then = shapeOf(['t|id|t|t_id_seq|7', 't|name|f||', 't|gone|f||']);
    const now = shapeOf(['t|id|t|t_id_seq1|', 't|name|f||', 't|added|f|t_added_seq|3']);
    if (then === undefined || now === undefined) throw new Error('no shape');
    expect(copyableShape(then, now)).toEqual({
      table: 't',
      columns: ['id', 'name'],
      key: ['id'],
      counters: [
        { column: 'id', sequence: 't_id_seq1', last: '7' },
        { column: 'added', sequence: 't_added_seq', last: undefined },
      ],
    });
  });
});

describe('makeTableCommand', () => {
  it('stops at the first error, and can be run as it is', () =>
    expect(makeTableCommand('lab."Odd"', { restored: 'restored-past', leader: 'patroni2' })).toBe(
      `docker exec restored-past pg_dump -U postgres --schema-only --table 'lab."Odd"' app_db | docker exec -i patroni2 psql -U postgres -d app_db -X -v ON_ERROR_STOP=1 --single-transaction`,
    ));
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

  it('raises each sequence, and none where there is none', () => {
    if (keyed === undefined || keyless === undefined) throw new Error('no shape');
    expect(raiseCountersSql(keyed)).toMatch(/setval\('public.products_id_seq', newest\)[^]* UNION ALL SELECT 7\)/);
    expect(raiseCountersSql(keyless)).toBe('');
  });

  it('tells rows apart by the key, or by all they have', () => {
    if (keyed === undefined || keyless === undefined) throw new Error('no shape');
    expect(diffSql(keyed)).toContain('n.id = r.id');
    expect(diffSql(keyless)).toContain('EXCEPT ALL');
  });
});
