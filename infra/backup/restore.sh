#!/usr/bin/env bash
# The first process of a server that is restored beside the lab. BACKUP is the base backup that it starts from, TARGET what it recovers to:
# a line of postgresql.conf such as "recovery_target_xid = '775'", or nothing for all WAL there is.
set -euo pipefail
umask 077
data=/restored/data

# This much the configuration of a leader must be matched, or recovery stops. pg_controldata knows what it was.
like_the_leader() {
  pg_controldata "$data" | sed -nE "s/^(max_connections|max_worker_processes|max_wal_senders|max_prepared_xacts|max_locks_per_xact) setting: +([0-9]+)/\1 = \2/p" |
    sed 's/prepared_xacts/prepared_transactions/; s/locks_per_xact/locks_per_transaction/'
}

# Interrupted before the mark, it begins anew.
if [[ ! -f /restored/ready ]]; then
  rm -rf "$data"
  bash /backup/base.sh "$BACKUP" "$data"
  # The files of a member name folders of its container, and settings that Patroni keeps.
  rm -f "$data"/{postgresql.auto.conf,standby.signal}
  touch "$data/postgresql.auto.conf" "$data/recovery.signal"
  {
    like_the_leader
    cat <<END
listen_addresses = '*'
unix_socket_directories = '/tmp'
hba_file = '/restored/pg_hba.conf'
ident_file = '/dev/null'
shared_buffers = 128MB
# It can be restored again.
fsync = off
restore_command = 'bash /backup/wal.sh %f %p'
recovery_target_timeline = 'latest'
# Just before what is named.
recovery_target_inclusive = off
recovery_target_action = promote
$TARGET
END
  } >/restored/postgresql.conf
  printf '%s\n' 'local all all trust' 'host all all all scram-sha-256' >/restored/pg_hba.conf
  touch /restored/ready
fi
exec postgres -D "$data" -c config_file=/restored/postgresql.conf
