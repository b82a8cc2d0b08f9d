#!/usr/bin/env bash
# Writes a row on the leader, through HAProxy, and looks for it on each replica itself.
#
#   scripts/test_replication.sh
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

leader=$(find_leader) || die "There is no leader. See: scripts/lab status"
row=$(scripts/lab psql write -XAtqc 'INSERT INTO lab.demo DEFAULT VALUES RETURNING id')
say "Row $row is written on $leader."

arrived() { [[ $(sql "$1" "SELECT id FROM lab.demo WHERE id = $row") == "$row" ]]; }
for replica in patroni1 patroni2 patroni3; do
  [[ $replica != "$leader" ]] || continue
  within 10 arrived "$replica" || die "The row has not arrived on $replica within 10 s. See: scripts/check_replica_stuck.sh $replica"
  say "✓ It is on $replica."
done

# What the leader knows of its standbys; quorum = a commit waits for any one of them.
docker exec "$(container "$leader")" psql -U postgres -Xqc '
  SELECT application_name, state, sync_state, replay_lsn, pg_current_wal_lsn() - replay_lsn AS bytes_behind
  FROM pg_stat_replication ORDER BY 1'
