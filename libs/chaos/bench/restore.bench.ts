import { Repository } from '../../backup/src/repository.js';
import { RestoredServer } from '../../backup/src/restored.server.js';
import { docker } from '../test/support/docker.js';
import { withLab } from './measured.trial.js';
import { publish, table } from './published.table.js';

const gigabytes = Number(process.env['RESTORE_GB'] ?? 5);
/** A row has about 1 kB. */
const rowsPerGigabyte = 930_000;
const batchesPerGigabyte = 4;
const boundMs = 600_000;
const sampleEveryMs = 1_000;
const bulk = 'lab.restore_bench';
const seconds = (ms: number) => (ms / 1_000).toFixed(1);

/** Looks each second how much memory a container has that is not a cache of files. */
class MemorySampler {
  mostBytes = 0;
  private isOn = true;
  private readonly sampling: Promise<void>;

  constructor(private readonly container: string) {
    this.sampling = this.sample();
  }

  async end(): Promise<void> {
    this.isOn = false;
    await this.sampling;
  }

  private async sample(): Promise<void> {
    // Of version 2 of control groups, and of version 1.
    const script = `cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat 2>/dev/null | awk '/^(anon|rss|shmem) / { sum += $2 } END { print sum }'`;
    while (this.isOn) {
      const bytes = await docker(['exec', this.container, 'bash', '-c', script]).catch(() => '0');
      this.mostBytes = Math.max(this.mostBytes, Number(bytes));
      await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
    }
  }
}

const rows = await withLab(async ({ lab }) => {
  const wasOn = await lab.hasBackup();
  const inLab = async (sql: string) => lab.psql(await lab.leader(), sql, { boundMs });
  const server = new RestoredServer(lab, 'bench');
  await server.remove();
  await lab.backup('on');
  await inLab(`DROP TABLE IF EXISTS ${bulk}; CREATE TABLE ${bulk} (id int PRIMARY KEY, filling text)`);
  try {
    for (let batch = 0; batch < gigabytes * batchesPerGigabyte; batch += 1) {
      console.error(`filling: ${(batch / batchesPerGigabyte).toFixed(2)} of ${gigabytes} GB`);
      const size = Math.round(rowsPerGigabyte / batchesPerGigabyte);
      await inLab(
        `INSERT INTO ${bulk} SELECT n, repeat(md5(n::text), 30) FROM generate_series(${batch * size + 1}, ${(batch + 1) * size}) AS n`,
      );
    }
    await inLab('CHECKPOINT');
    const repository = new Repository(lab, console.error);
    console.error('a base backup');
    const startedMs = performance.now();
    const name = await repository.now(false);
    const backupMs = performance.now() - startedMs;
    const { backup, target } = await repository.planFor({ kind: 'latest' });
    if (backup.name !== name) throw new Error(`${backup.name} was chosen, not ${name}`);
    const memory = new MemorySampler(server.containerName);
    const recovered = await server.restore(backup, target, console.error).finally(() => memory.end());
    if (memory.mostBytes === 0) throw new Error('how much memory the restored server uses could not be read');
    const [[there], [restored]] = await Promise.all([
      inLab(`SELECT count(*) FROM ${bulk}`),
      server.psql(`SELECT count(*) FROM ${bulk}`),
    ]);
    if (there !== restored) throw new Error(`${restored} of ${there} rows were restored`);
    return [
      [
        `${(backup.sizeBytes / 1e9).toFixed(1)} GB`,
        seconds(backupMs),
        seconds(recovered.filesMs),
        seconds(recovered.walMs),
        `${Math.round(memory.mostBytes / 1e6)} MB`,
        restored ?? '',
      ],
    ];
  } finally {
    await server.remove();
    await inLab(`DROP TABLE ${bulk}`);
    await lab.backup(wasOn ? 'on' : 'off');
  }
});

await publish('restore', 'How long a restore takes', [
  'A table of rows of 1 kB, a full base backup, and a server that is restored from it to the newest commit, once. Memory is that of its processes and of PostgreSQL’s shared memory, without the cache of files; the container may use 1 GB.',
  table(['base backup', 'made in s', 'files restored in s', 'WAL in s', 'most memory', 'rows'], rows),
]);
