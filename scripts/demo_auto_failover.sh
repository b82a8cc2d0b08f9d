#!/usr/bin/env bash
# Kills the leader's container and watches the cluster heal: failover, a write through the same port, rejoin.
#
#   scripts/demo_auto_failover.sh
#   SKIP_WRITE_CHECK=1 scripts/demo_auto_failover.sh     without the write through HAProxy
#
# Takes about 30 s, of which up to 20 are the dead leader's lease running out. Leaves the lab whole again.
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

old=$(find_leader) || die "There is no leader. See: scripts/lab status"
for member in "${members[@]}"; do
  [[ $member == "$old" ]] || within 30 is_standby "$member" || die "$member does not stream; with it missing there might be no failover."
done

say "1. The leader is $old. Killing its container without warning (docker kill)."
# Starts the killed node again, whatever happens below.
trap 'docker start "$(container "$old")" >/dev/null' EXIT
docker kill --signal KILL "$(container "$old")" >/dev/null
began=$SECONDS

say "2. Waiting for another leader: its lease (ttl 20 s) must run out first."
within 60 find_leader || die "No failover within 60 s. See: scripts/lab logs"
new=$(find_leader)
say "✓ $new leads after $((SECONDS - began)) s."

if [[ -z ${SKIP_WRITE_CHECK:-} ]]; then
  say "3. Writing through HAProxy's port for writes, as any application would."
  write() { scripts/lab psql write -XAtqc 'INSERT INTO lab.demo DEFAULT VALUES RETURNING id'; }
  within 20 write || die "No write went through within 20 s of the failover."
  row=$(sql "$new" 'SELECT max(id) FROM lab.demo')
  say "✓ Row $row is written, $((SECONDS - began)) s after the kill."
fi

say "4. Starting $old again. It must follow $new, not come back as a second leader."
docker start "$(container "$old")" >/dev/null
within 60 is_standby "$old" || die "$old has not rejoined within 60 s. See: scripts/check_replica_stuck.sh $old"
[[ $(find_leader) == "$new" ]] || die "$new is not the leader any more."
if [[ -n ${row:-} ]]; then
  has_row() { [[ $(sql "$old" "SELECT id FROM lab.demo WHERE id = $row") == "$row" ]]; }
  within 10 has_row || die "$old streams, but row $row is not there."
fi
say "✓ $old streams from $new again."
docker exec "$(container "$new")" patronictl list
