# shellcheck shell=bash
# `scripts/lab replication`: for whom a commit waits, and what that costs.

# What PostgreSQL itself has to say once a mode is in force; $standbys is how many must be there.
declare -A in_force=(
  [quorum]="count(*) = :standbys AND bool_and(sync_state = 'quorum')"
  [sync]="count(*) = :standbys AND count(*) FILTER (WHERE sync_state = 'sync') = 1 AND NOT bool_or(sync_state = 'quorum')"
  [async]="count(*) = :standbys AND bool_and(sync_state = 'async')"
)

lab_replication() {
  local wanted='' format=text commits=200 previous before='null' after='null'
  while (($#)); do
    case $1 in
      quorum | sync | async) [[ -z $wanted ]] || wrong_usage "one mode only" && wanted=$1 ;;
      --json) format=json ;;
      --commits) [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ ]] || wrong_usage "--commits takes a number up to 99999" && commits=$2 && shift ;;
      *) wrong_usage "replication takes quorum, sync or async, not '$1'" ;;
    esac
    shift
  done
  previous=$(cluster mode) || die "Patroni does not answer. Start the lab: scripts/lab up"
  if [[ -n $wanted && $wanted != "$previous" ]]; then
    cluster wait 3 whole answering api managed || die "The mode is changed in a healthy cluster only. See: scripts/lab status"
    before=$(commit_latency "$commits")
    change_mode "$wanted"
    after=$(commit_latency "$commits")
  elif [[ -n $wanted ]]; then
    say "✓ The mode is $wanted already."
    await_mode "$wanted"
  fi
  replication_state | node scripts/lib/replication.mjs report "$format" "$previous" "$(cluster mode)" "$before" "$after"
}

change_mode() {
  say "… Changing Patroni's configuration (synchronous_mode) to $1"
  cluster mode "$1" || die "Patroni did not take the mode. See: scripts/lab status"
  await_mode "$1"
}

# A mode is in force when every member reports it and the leader's PostgreSQL follows it.
await_mode() {
  cluster wait 60 whole "mode=$1" || die "The mode $1 is not in force on every member. Say it again: scripts/lab replication $1"
  local deadline=$((SECONDS + 30))
  until [[ $(on_leader -v "standbys=$((${#members[@]} - 1))" <<<"SELECT ${in_force[$1]} FROM pg_stat_replication WHERE application_name ~ '^patroni'") == t ]]; do
    ((SECONDS < deadline)) || die "PostgreSQL does not follow: see pg_stat_replication on the leader."
    sleep 0.3
  done
}

on_leader() { docker exec -i "$(container "$(leader)")" psql -U postgres -XAtq "$@"; }

replication_state() {
  on_leader <<'SQL'
SELECT json_build_object(
  'synchronousStandbyNames', current_setting('synchronous_standby_names'),
  'standbys', coalesce(json_agg(json_build_object('member', application_name, 'state', state, 'syncState', sync_state)
    ORDER BY application_name), '[]'))
FROM pg_stat_replication
SQL
}

# commit_latency N: of N commits one after the other, by one client through HAProxy. Each writes a WAL record and no
# row: this measures the way to the disk and to the standbys, and leaves nothing behind.
commit_latency() {
  local i
  for ((i = -20; i < $1; i++)); do
    ((i != 0)) || printf '%s\n' '\timing on'
    echo "SELECT pg_logical_emit_message(true, 'lab', 'a commit');"
  done | lab_psql write -Xq | node scripts/lib/replication.mjs latency
}
