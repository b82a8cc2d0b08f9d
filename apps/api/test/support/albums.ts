import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

/** Deletes a test's albums with SQL on the leader. */
export async function deleteAlbums(prefix: string): Promise<void> {
  await psql(await openLab().leader(), `DELETE FROM albums WHERE starts_with(title, '${prefix}')`);
}
