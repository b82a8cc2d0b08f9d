import { openLab } from '../../../../libs/chaos/test/support/settings.js';

/** The number of rows with each name that begins with `prefix`, counted with SQL on the leader. */
export async function countProducts(prefix: string): Promise<ReadonlyMap<string, number>> {
  const lab = openLab();
  const counted = `SELECT name, count(*) FROM products WHERE starts_with(name, '${prefix}') GROUP BY name`;
  const rows = await lab.psql(await lab.leader(), counted);
  return new Map(rows.map((row) => row.split('|')).map(([name, count]) => [String(name), Number(count)]));
}

/** Deletes a test's products with SQL on the leader. */
export async function deleteProducts(prefix: string): Promise<void> {
  const lab = openLab();
  await lab.psql(await lab.leader(), `DELETE FROM products WHERE starts_with(name, '${prefix}')`);
}
