import { psql } from '../../../../libs/chaos/test/support/docker.js';
import { openLab } from '../../../../libs/chaos/test/support/settings.js';

/** Takes a test's albums away, on the leader and past the service. */
export async function deleteAlbums(prefix: string): Promise<void> {
  await psql(await openLab().leader(), `DELETE FROM albums WHERE starts_with(title, '${prefix}')`);
}
