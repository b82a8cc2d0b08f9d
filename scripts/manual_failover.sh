#!/usr/bin/env bash
# Failover by hand, as it is done where no Patroni is: promote a standby, let the old leader split off, rebuild it.
# Patroni is paused meanwhile. When the script ends, also by Ctrl-C, Patroni manages a healthy cluster again.
#
#   scripts/manual_failover.sh [rewind|basebackup]     how the old leader is rebuilt; default: rewind
#
# About half a minute. For a moment two nodes take writes: that is what Patroni is there to prevent.
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

method=${1:-rewind}
if [[ ! $method =~ ^(rewind|basebackup)$ ]] || (($# > 1)); then wrong_usage "it takes rewind or basebackup, not '$*'"; fi

data=/home/postgres/pgdata/pgroot/data
# as_postgres MEMBER SCRIPT: PostgreSQL's own programs, as the user they run as. The password of the replication role and
# of the superuser are in the container's environment already.
as_postgres() {
  say "   $1\$ $2"
  docker exec -u postgres -w /tmp -e data="$data" "$(container "$1")" bash -c "PATH=/usr/lib/postgresql/17/bin:\$PATH; $2" >&2
}
patronictl() { docker exec "$(container "${members[0]}")" patronictl "$@"; }
whole() { cluster wait 0 whole; }
leads_somebody() { cluster leader; }
is_well() { cluster wait 0 "member=$1"; }
# Until then Patroni would take its own PostgreSQL for a standby, and make it one again.
patroni_knows_primary() { docker exec "$(container etcd1)" etcdctl get --print-value-only "/service/$scope/members/$1" | json 'it.role === "primary" || process.exit(1)'; }
# A row is a number and a time: after the fork both leaders continue from the same number.
has_row() { [[ $(sql "$1" "SELECT count(*) FROM lab.demo WHERE id || ' of ' || written_at = '$2'") == 1 ]]; }
takes_writes() { [[ $(sql "$1" 'SELECT pg_is_in_recovery()') == f ]]; }
leads() { rest "$1" /primary | json 'it.role === "primary" || process.exit(1)' >/dev/null && [[ $(cluster leader) == "$1" ]]; }
streams_from() { [[ $(sql "$1" 'SELECT sender_host FROM pg_stat_wal_receiver') == "$2" ]]; }

whole 2>/dev/null || die "This begins with a healthy cluster only. See: scripts/lab status"
old=$(find_leader) || die "There is no leader. See: scripts/lab status"
for new in "${members[@]}"; do [[ $new != "$old" ]] && is_standby "$new" && break; done

exec 3>&1 4>&2
give_back() {
  # Output may have been redirected when Ctrl-C came.
  exec 1>&3 2>&4
  # The terminal may be gone, too; a failed message must not stop the repair.
  trap '' INT TERM PIPE
  set +e
  say "… Giving the cluster back to Patroni (patronictl resume)"
  patronictl resume --wait >&2
  # A node that followed the old leader past the fork cannot follow the new one, and a half-built node follows none. Patroni's
  # remedy for both is to copy the node again.
  within 60 leads_somebody || die "The cluster has no leader. See: scripts/lab status, docs/runbook.md"
  for member in "${members[@]}"; do
    { within 15 is_well "$member" || { say "… $member does not stream: patronictl reinit" && scripts/lab reinit "$member" >&2; }; } &
  done
  wait
  within 60 whole || die "The cluster is not whole. See: scripts/lab status, docs/runbook.md"
  say "✓ The cluster is whole, and Patroni's."
  patronictl list
}
trap give_back EXIT
trap 'exit 130' INT TERM

say "1. Patroni is paused: it watches, and neither promotes, demotes nor starts anything."
patronictl pause --wait >&2

say "2. $new is promoted by hand, while $old lives: two nodes take writes now (split brain)."
as_postgres "$new" "pg_ctl promote -D \$data"
within 30 takes_writes "$new" || die "$new has not been promoted."
within 20 patroni_knows_primary "$new" || die "Patroni on $new has not noticed."
lost=$(sql "$old" "SET synchronous_commit = local; INSERT INTO lab.demo DEFAULT VALUES RETURNING id || ' of ' || written_at")
say "   Row $lost is committed on $old, and on whoever still follows it, but never on $new: their histories have parted."

say "3. $old is stopped. Its Patroni gives the leader lock away, and that of $new takes it: HAProxy follows."
as_postgres "$old" "pg_ctl stop -D \$data -m fast"
within 40 leads "$new" || die "$new does not hold the lock."
kept=$(sql "$new" "SET synchronous_commit = local; INSERT INTO lab.demo DEFAULT VALUES RETURNING id || ' of ' || written_at")
say "✓ $new leads, and has row $kept."

say "4. $old is rebuilt as a standby of $new, by pg_$method."
# PGPASSWORD stays in the process: nothing is written to disk.
source_server="host=$new user=postgres dbname=postgres"
if [[ $method == rewind ]]; then
  # Returns to the point where the histories parted, and copies only what has changed since.
  as_postgres "$old" "PGPASSWORD=\$PGPASSWORD_SUPERUSER pg_rewind -D \$data --source-server='$source_server'"
else
  # Copies everything next to the old data, which is removed when the copy is complete.
  as_postgres "$old" "PGPASSWORD=\$PGPASSWORD_STANDBY pg_basebackup -D \$data.new -d 'host=$new user=standby' -X stream -c fast"
  as_postgres "$old" "rm -rf \$data && mv \$data.new \$data"
fi
# A standby needs a signal file and the address of its leader. Patroni removes the settings when it takes over.
as_postgres "$old" "touch \$data/standby.signal"
as_postgres "$old" "cat >> \$data/postgresql.auto.conf <<< \"
  primary_conninfo = 'host=$new user=standby application_name=$old'
  primary_slot_name = ''\""
as_postgres "$old" "PGPASSWORD=\$PGPASSWORD_STANDBY pg_ctl start -D \$data -w -l /tmp/manual_failover.log"
within 30 streams_from "$old" "$new" || die "$old does not stream from $new: docker exec $(container "$old") cat /tmp/manual_failover.log"
within 15 has_row "$old" "$kept" || die "Row $kept has not arrived on $old."
! has_row "$old" "$lost" || die "Row $lost is still there."
say "✓ $old streams from $new and has row $kept. Row $lost is gone: what pg_$method cannot do is to merge."
