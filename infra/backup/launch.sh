#!/usr/bin/env bash
# The first process of the backup container. It receives WAL without a pause, files complete segments, makes base backups by the schedule,
# and lets go what is older than the retention policy. `barman cron` would do the same and start Python six times for it, each time. Where an
# S3 store is named, it keeps a second copy there.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
umask 077
shopt -s nullglob
# HAProxy may hold a connection to a server that has just died without an answer.
export PGCONNECT_TIMEOUT=5

# What a password may contain is not up to this file: pgpass escapes colons and backslashes.
escaped() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//:/\\:}"
}
# Replicas are given only after the leader has said which cluster it is: what the volume has may be of another one.
rm -f /tmp/ready
printf '%s\n' "*:*:*:barman:$(escaped "$BACKUP_PASSWORD")" "*:*:*:standby:$(escaped "$REPLICATION_PASSWORD")" >"$PGPASSFILE"
python3 /backup/serve.py &
server=$!
unset BACKUP_PASSWORD REPLICATION_PASSWORD

# With `scripts/lab secure on` this folder is there. A key must belong to who uses it; a rotated certificate is taken over when WAL is
# received anew.
take_certificates() {
  [[ -d /tls ]] || return 0
  install -m 0600 /standby/tls.pem "$PGSSLKEY" && install -m 0600 /tls/ca.crt "$PGSSLROOTCERT"
}

# At most 20 s, whatever becomes of the connection: the loops below wait for it.
ask_leader() { timeout 20 psql -h haproxy -p 5000 -U barman -d "${2:-app_db}" -XAtqF ' ' -c "$1"; }
ask_sender() { timeout 20 psql -h haproxy -p 5000 -U standby -d 'replication=true' -XAtqc "$1"; }

# Ends when the connection ends, as in each failover; then again.
receive() {
  trap 'kill $! 2>/dev/null; exit' TERM
  while true; do
    take_certificates || true
    drop_unfinished
    barman receive-wal lab > >(tee /tmp/receive.log) 2>&1 &
    wait $! || true
    sleep 0.5
    if has_tail; then
      drop_tail || true
    elif is_wal_lost; then
      begin_anew || true
    fi
  done
}

# A leader that dies may have sent WAL here that its successor never received. No client was told of it, and the successor has written
# something else in its place.
has_tail() {
  local segments=("$streaming"/*.partial)
  grep -q "not in this server's history" /tmp/receive.log && ((${#segments[@]} > 0))
}

# Without the segment that it was in, the receiver goes on where its slot is. Complete ones stay, for recovery goes along the newest timeline
# and reads of the older ones only what belongs to it.
drop_tail() {
  echo "The new leader has another history. What the old one sent last is dropped."
  file_segments || true
  rm -f "$streaming"/*.partial
}

# A segment gets its space before its first byte. Where the disk was full, what is left has another size, which pg_receivewal refuses for ever.
drop_unfinished() { find "$streaming" -name '*.partial' ! -size "${segment_bytes}c" -delete; }

slot_status() { ask_leader "SELECT coalesce((SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'barman'), 'missing')" postgres; }

# Members keep WAL for the repository up to max_slot_wal_keep_size, and then let it go rather than fill their disks. It is also gone after the
# repository was switched off for a while, and has another history after the cluster went back to an earlier moment. A leader that was copied
# on a later timeline does not even have the history of that on which the repository stopped.
is_wal_lost() {
  grep -qE "has already been removed|not in this server's history|could not send replication command \"TIMELINE_HISTORY\"" /tmp/receive.log ||
    [[ $(slot_status) == lost ]]
}

# What was let go is lost to the repository: from here on only what follows the next base backup can be restored, and that begins now.
begin_anew() {
  echo "The members have let WAL go that was not received. The repository begins anew, with a base backup."
  touch $repository/gap
  local status='' deadline=$((SECONDS + 60))
  # A slot that was given up stays so until it is dropped. Patroni makes another one.
  until status=$(slot_status) && [[ $status == @(reserved|extended) ]]; do
    ((SECONDS < deadline)) || { echo "The members have no slot for the repository yet (${status:-no answer}). It tries again." && return 1; }
    [[ $status != lost ]] || ask_sender 'DROP_REPLICATION_SLOT barman' || true
    sleep 1
  done
  barman receive-wal --reset lab
  # Newer than any look for a backup until now.
  touch $repository/gap
}

# A new lab has another cluster. Its backups must not mix with those of the old one, which are kept.
keep_clusters_apart() {
  local now before
  now=$(ask_sender IDENTIFY_SYSTEM | cut -d '|' -f 1)
  [[ -n $now ]] || return 1
  before=$(cat $repository/cluster 2>/dev/null || echo "$now")
  if [[ $before != "$now" ]]; then
    echo "This is another cluster. The backups of the old one are kept in $repository-$before."
    mv $repository "$repository-$before"
  fi
  mkdir -p "$streaming" "$wals"
  echo "$now" >$repository/cluster
}

# File names of complete segments have no ending.
file_segments() {
  local found=("$streaming"/[0-9A-F]*[0-9A-F] "$streaming"/*.history)
  ((${#found[@]} == 0)) || barman -q archive-wal lab
}

# For serve.py: how far behind the leader the repository is. Without a leader the file grows old.
note_receiver() {
  ask_leader "SELECT json_build_object('slot', s.wal_status, 'receiving', s.active, 'retainedBytes', pg_current_wal_lsn() - s.restart_lsn,
      'behindBytes', greatest(0, pg_current_wal_lsn() - coalesce(r.sent_lsn, s.restart_lsn)))
    FROM pg_replication_slots AS s LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid WHERE s.slot_name = 'barman'" postgres >$repository/receiver.new &&
    mv $repository/receiver.new $repository/receiver.json
}

note_relations() {
  local new
  new=$(ask_leader "SELECT pg_relation_filenode(c.oid), n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1") || return 0
  # Only what is new, so that the file does not grow.
  new=$(grep -vxFf "$relations" <<<"$new") || return 0
  echo "$new" >>"$relations"
}

# age_of TYPE: seconds since the newest good backup of this kind (full, any); nothing where there is none.
age_of() {
  local info newest=0 ended
  for info in "$repository"/meta/*-backup.info; do
    grep -qx 'status=DONE' "$info" || continue
    [[ $1 == any || $(sed -n 's/^parent_backup_id=//p' "$info") == @(|None) ]] || continue
    ended=$(date -d "$(sed -n 's/^end_time=//p' "$info")" +%s)
    ((ended <= newest)) || newest=$ended
  done
  ((newest == 0)) || echo $((EPOCHSECONDS - newest))
}

# Once a minute, and as soon as WAL comes in again after some was lost. Barman makes no backup while none is received.
looks_for_backup() {
  { ((SECONDS >= next_look)) || [[ $repository/gap -nt /tmp/looked ]]; } && pgrep -x pg_receivewal >/dev/null
}

# Whichever is due, in the background: WAL is filed meanwhile, or no backup would end.
start_due_backup() {
  local full any
  [[ -z ${backup:-} ]] || ! kill -0 "$backup" 2>/dev/null || return 0
  next_look=$((SECONDS + 60))
  touch /tmp/looked
  full=$(age_of full) any=$(age_of any)
  # What a failed backup has copied must not fill the disk, for it is tried again each minute.
  if [[ -z $full || -f $repository/gap ]] || ((full >= BACKUP_FULL_HOURS * 3600)); then
    { bash /backup/now.sh || bash /backup/expire.sh; } &
  elif ((any >= BACKUP_INCREMENTAL_HOURS * 3600)); then
    # A new leader may lack what an incremental one needs to know.
    { bash /backup/now.sh --incremental || bash /backup/now.sh || bash /backup/expire.sh; } &
  else
    return 0
  fi
  backup=$!
}

# In the background, for a base backup takes a while.
copy_elsewhere() {
  has_copy || return 0
  [[ -z ${copier:-} ]] || ! kill -0 "$copier" 2>/dev/null || return 0
  # It says the same of each file.
  { bash /backup/copy.sh 2>&1 | tail -n 2 >&2; } &
  copier=$!
}

# A repository without a cluster has lost its volume, or is new. The leader says whose copy to take; without a leader, after half a minute, the
# one that was written last is taken. While the store does not answer, that is tried again for five minutes.
fetch_copy() {
  local cluster='' deadline=$((SECONDS + 30))
  until [[ -n $cluster ]] || ((SECONDS >= deadline)); do
    take_certificates || true
    cluster=$(ask_sender IDENTIFY_SYSTEM 2>/dev/null | cut -d '|' -f 1) || sleep 1
  done
  deadline=$((SECONDS + 300))
  until bash /backup/fetch.sh "$cluster"; do
    ((SECONDS < deadline)) || { echo "The second copy could not be read. The repository begins without it." && return; }
    sleep 10
  done
}

if has_copy && [[ ! -f $repository/cluster ]]; then fetch_copy; fi
until take_certificates && keep_clusters_apart; do sleep 1; done
touch /tmp/ready
# Idle, it wakes twice a second; everything that starts Python or psql is rarer.
touch "$relations"
rm -rf "$repository"/{scan,replica,copy}-*
receive &
receiver=$!
trap 'kill "$server" "$receiver" ${backup:-} ${copier:-} 2>/dev/null; exit 0' TERM INT
next_look=0
for ((round = 0; ; round++)); do
  # Docker starts the container anew.
  kill -0 "$receiver" && kill -0 "$server" || exit 1
  # now.sh, which needs its WAL filed, does not wait for this. Until then segments are read where they were received.
  ((round % 10 != 5)) || file_segments || true
  ((round % 20 != 0)) || note_receiver || true
  ((round % 20 != 10)) || note_relations
  ((round % 20 != 15)) || copy_elsewhere
  ! looks_for_backup || start_due_backup || true
  ((round % 7200 != 7199)) || bash /backup/expire.sh || true
  sleep 0.5 &
  wait $! || true
done
