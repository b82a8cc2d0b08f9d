import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.js';

const sinceSeconds = 900;

/**
 * Writes to `folder` what may explain a failure: the containers, the last 15 minutes of their logs, `patronictl list` and
 * `history`, and HAProxy's statistics. If a source does not answer, its file has the error.
 */
export async function saveEvidence(lab: Lab, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const save = async (file: string, content: Promise<string>) =>
    writeFile(join(folder, file), await content.catch(String));
  const containers = await lab.containers.list();
  const patronictl = (command: string) =>
    Promise.any(lab.members.map((member) => lab.containers.run(member, ['patronictl', command])));
  await Promise.all([
    save('containers.json', Promise.resolve(JSON.stringify(containers, null, 2))),
    save('patronictl-list.txt', patronictl('list')),
    save('patronictl-history.txt', patronictl('history')),
    save('haproxy-stats.csv', lab.haproxyCsv()),
    ...containers.map(({ service }) => save(`${service}.log`, lab.containers.logs(service, sinceSeconds))),
  ]);
}
