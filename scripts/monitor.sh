#!/usr/bin/env bash
# Who replicates from whom, and how far behind: the leader's view of each standby, its slots, and each standby's own view.
#
#   scripts/monitor.sh                       once
#   scripts/monitor.sh --watch [SECONDS]     again and again, every 2 s unless said otherwise; Ctrl-C ends it
#
# Lag in bytes: written on the leader and not yet there. Lag in seconds: what the last commits took to be replayed; empty
# when a standby is idle and has everything.
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

every=''
if [[ ${1:-} == --watch ]]; then
  every=${2:-2}
  [[ $every =~ ^[1-9][0-9]*$ ]] || wrong_usage "'$every' is not a number of seconds"
elif (($#)); then
  wrong_usage "unexpected argument '$1'"
fi

show() {
  local leader member
  leader=$(find_leader) || { echo "There is no leader."; return 1; }
  printf '%s   leader %s   mode %s\n\n' "$(date +%T)" "$leader" "$(cluster mode)"
  table "$leader" "SELECT current_setting('synchronous_standby_names') AS synchronous_standby_names, current_setting('synchronous_commit') AS synchronous_commit"
  table "$leader" "
    SELECT application_name AS standby, state, sync_state AS sync, replay_lsn,
      pg_current_wal_lsn() - sent_lsn AS unsent_b, sent_lsn - write_lsn AS unwritten_b,
      write_lsn - flush_lsn AS unflushed_b, flush_lsn - replay_lsn AS unreplayed_b, pg_current_wal_lsn() - replay_lsn AS lag_b,
      round(extract(epoch FROM replay_lag), 3) AS lag_s
    FROM pg_stat_replication ORDER BY 1"
  table "$leader" "
    SELECT slot_name AS slot, slot_type AS type, active, restart_lsn, wal_status,
      pg_size_pretty(pg_current_wal_lsn() - restart_lsn) AS holds
    FROM pg_replication_slots ORDER BY 1"
  for member in "${members[@]}"; do
    [[ $member != "$leader" ]] || continue
    table "$member" "
      SELECT '$member' AS standby, coalesce(max(status), 'not connected') AS wal_receiver, max(sender_host) AS receives_from,
        max(received_tli) AS timeline, max(flushed_lsn) AS flushed_lsn, pg_last_wal_replay_lsn() AS replay_lsn,
        round(extract(epoch FROM now() - max(last_msg_receipt_time)), 1) AS heard_s_ago,
        pg_get_wal_replay_pause_state() AS replay
      FROM pg_stat_wal_receiver" 2>/dev/null || echo "$member does not answer"
  done
}

table() { docker exec "$(container "$1")" psql -U postgres -d app_db -Xqc "$2" -P footer=off; }

[[ -n $every ]] || { show && exit; }
while true; do
  # Printed at once, so that the screen does not flicker.
  screen=$(show 2>&1 || true)
  clear 2>/dev/null || true
  printf '%s\n' "$screen"
  sleep "$every"
done
