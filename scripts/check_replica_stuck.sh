#!/usr/bin/env bash
# Is a replica stuck? Looks at its state, timeline, and what it has received against what it has replayed,
# twice, two seconds apart. Exits 1 when it is stuck, and says what to do.
#
#   scripts/check_replica_stuck.sh [MEMBER]     default: every replica
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

leader=$(find_leader) || die "There is no leader, so no replica can stream. See: scripts/lab status"

if [[ -n ${1:-} ]]; then
  require_member "$1"
  [[ $1 != "$leader" ]] || wrong_usage "$1 is the leader, not a replica"
  replicas=("$1")
else
  read -ra replicas <<<"${members[*]/$leader/}"
fi

leader_timeline=$(rest "$leader" /patroni | json it.timeline)
leader_lsn() { sql "$leader" "SELECT pg_current_wal_lsn() - '0/0'"; }
received() { sql "$1" "SELECT coalesce(pg_last_wal_receive_lsn() - '0/0', 0)"; }
replayed() { sql "$1" "SELECT pg_last_wal_replay_lsn() - '0/0'"; }

# Prints what is wrong and what to do about it; nothing when all is well.
diagnose() {
  local replica=$1 status state timeline
  if [[ $(docker inspect -f '{{.State.Status}}' "$(container "$replica")" 2>&1) != running ]]; then
    echo "its container does not run. Start it: scripts/lab start $replica"
    return
  fi
  status=$(rest "$replica" /patroni) || { echo "Patroni does not answer. Look: scripts/lab logs $replica" && return; }
  state=$(json it.state <<<"$status")
  if [[ $state != running ]]; then
    echo "PostgreSQL is '$state'. Look: scripts/lab logs $replica. If that lasts: scripts/lab reinit $replica"
    return
  fi
  timeline=$(json it.timeline <<<"$status")
  local replication before_received before_replayed after_replayed target
  replication=$(json it.replication_state <<<"$status")
  before_received=$(received "$replica") before_replayed=$(replayed "$replica") target=$(leader_lsn)
  sleep 2
  after_replayed=$(replayed "$replica")
  printf '  state %s, replication %s, timeline %s (leader %s)\n' "$state" "${replication:-none}" "$timeline" "$leader_timeline" >&2
  printf '  behind the leader: %s bytes; received but not replayed: %s bytes; replayed in 2 s: %s bytes\n' \
    "$((target > before_replayed ? target - before_replayed : 0))" \
    "$((before_received > before_replayed ? before_received - before_replayed : 0))" "$((after_replayed - before_replayed))" >&2

  if ((timeline != leader_timeline)); then
    echo "it is on timeline $timeline, the leader on $leader_timeline. If that lasts, its history has split off: scripts/lab reinit $replica"
  elif [[ $replication != streaming ]]; then
    echo "it does not stream. Look: scripts/lab logs $replica. If that lasts: scripts/lab reinit $replica"
  elif ((after_replayed < target && after_replayed == before_replayed)); then
    echo "it streams, but has replayed nothing for 2 s with WAL waiting. A long query may hold replay up (pg_stat_activity); otherwise: scripts/lab reinit $replica"
  fi
}

stuck=0
for replica in "${replicas[@]}"; do
  say "$replica:"
  problem=$(diagnose "$replica")
  if [[ -n $problem ]]; then
    say "✗ $replica is stuck: $problem"
    stuck=1
  else
    say "✓ $replica is healthy."
  fi
done
exit "$stuck"
