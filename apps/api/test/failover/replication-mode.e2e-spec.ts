import { beforeAll, describe, expect, it } from '@jest/globals';
import { useLab } from '../../../../libs/chaos/test/support/lab.js';
import { runScript, startScript } from '../../../../libs/chaos/test/support/script.js';
import { lab as settings } from '../../../../libs/chaos/test/support/settings.js';

const boundMs = 120_000;
const latency = { commits: 50, medianMs: expect.any(Number), p95Ms: expect.any(Number) };
const lab = useLab();

interface Report {
  readonly mode: string;
  readonly standbys: { readonly syncState: string }[];
}

describe('scripts/lab replication', () => {
  beforeAll(() => lab.nemesis.restoreLater('synchronous_mode'));

  const replication = async (...args: string[]): Promise<Report> => {
    const { stdout } = await runScript('lab', 'replication', '--json', '--commits', '50', ...args);
    return JSON.parse(stdout) as Report;
  };

  /** The mode in which PostgreSQL replicates, as the service reports it. */
  const synchronous = async () => {
    const response = await fetch(`${settings.apiUrl}/cluster/replication`);
    const { synchronous: seen, standbys } = (await response.json()) as { synchronous: object } & Report;
    return { ...seen, syncStates: standbys.map(({ syncState }) => syncState).toSorted() };
  };

  it('shows the mode and changes nothing when no mode is given', async () => {
    expect(await replication()).toMatchObject({ mode: 'quorum', changed: false, latencyMs: null });
  });

  it.each([
    ['sync', ['async', 'sync'], /^patroni\d$/],
    ['async', ['async', 'async'], /^$/],
    ['quorum', ['quorum', 'quorum'], /^ANY 1 \(patroni\d,patroni\d\)$/],
  ])(
    'puts %s in force, and measures what commits cost before and after',
    async (mode, syncStates, standbyNames) => {
      const report = await replication(mode);
      expect(report).toMatchObject({ mode, changed: true, latencyMs: { before: latency, after: latency } });
      expect(report.standbys.map(({ syncState }) => syncState).toSorted()).toEqual(syncStates);
      expect(await synchronous()).toMatchObject({
        mode,
        syncStates,
        standbyNames: expect.stringMatching(standbyNames),
      });
    },
    boundMs,
  );

  it('does nothing when the mode is in force already', async () => {
    expect(await replication('quorum')).toMatchObject({ mode: 'quorum', changed: false, latencyMs: null });
  });

  it(
    'refuses while a replica is missing, and changes nothing',
    async () => {
      const [replica = ''] = await lab.replicas();
      await lab.nemesis.kill(replica);
      const { code, stdout, stderr } = await startScript('lab', ['replication', 'async', '--json']).ended;
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('The mode is changed in a healthy cluster only');
      expect(await lab.config()).toMatchObject({ synchronous_mode: 'quorum' });
    },
    boundMs,
  );

  it.each([[['nonsense']], [['sync', 'async']], [['--commits', 'many']]])('refuses %j as wrong usage', async (args) => {
    const { code, stderr } = await startScript('lab', ['replication', ...args]).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('See: scripts/lab help');
  });
});
