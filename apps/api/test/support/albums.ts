import { psql } from './docker.js';
import { LabController } from './lab.controller.js';

/** Takes a test's albums away, on the leader and past the service. */
export async function deleteAlbums(prefix: string): Promise<void> {
  await psql(await new LabController().leader(), `DELETE FROM albums WHERE starts_with(title, '${prefix}')`);
}
