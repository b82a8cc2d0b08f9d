import { afterAll, describe, expect, it } from '@jest/globals';
import { containerOf, docker } from '../../../../libs/chaos/test/support/docker.js';

/**
 * A server of its own inside a member's container, which becomes what an old leader is between its crash and its rewind:
 * a standby of its own timeline that receives from nobody. Patroni ends that state as soon as it sees it.
 */
const folder = '/tmp/abandoned-leader';
const prelude = `
  set -euo pipefail
  export PATH=/usr/lib/postgresql/17/bin:$PATH PGDATA=${folder} PGHOST=${folder} PGUSER=postgres PGDATABASE=postgres
  start() { pg_ctl start -w -s -l ${folder}/log -o "-c listen_addresses='' -k ${folder}"; }
  position() { psql -XAqtc "SELECT pg_is_in_recovery(), p.timeline, p.lsn >= '$1' FROM lab.position() AS p"; }
`;
const scenario = `
  initdb -A trust -U postgres --no-sync >/dev/null
  start
  psql -Xqc 'CREATE ROLE app_owner; CREATE ROLE app_user; CREATE ROLE monitor'
  psql -Xq -f /lab/lab_schema.sql
  pg_ctl stop -s -m fast
  touch ${folder}/standby.signal
  start
  position 0/0
  pg_ctl promote -w -s
  position 0/0
  # The checkpoint of the promotion may be written or not; the crash that follows replays from where it stands.
  psql -Xqc 'INSERT INTO lab.demo DEFAULT VALUES'
  last=$(psql -XAqtc 'SELECT pg_current_wal_flush_lsn()')
  pg_ctl stop -s -m immediate
  touch ${folder}/standby.signal
  start
  position "$last"
`;
const end = `pg_ctl stop -s -m immediate || true; rm -rf ${folder}`;
const timeoutMs = 60_000;

const inMember = (script: string) =>
  docker(['exec', '-u', 'postgres', containerOf('patroni1'), 'bash', '-c', prelude + script], timeoutMs);

afterAll(() => inMember(end), timeoutMs);

describe('lab.position()', () => {
  it(
    'of a standby that receives no WAL has the timeline of that standby, and not a newer one of other members',
    async () => {
      await inMember(end);
      const rows = (await inMember(scenario)).split('\n');
      expect(rows).toEqual(['t|1|t', 'f|2|t', 't|2|t']);
    },
    timeoutMs,
  );
});
