#!/usr/bin/env bash
# The first process of a pooler: starts its two PgBouncers and keeps them true to the roles of the members.
set -euo pipefail
# shellcheck source=infra/pooler/door.sh
source "$(dirname "${BASH_SOURCE[0]}")/door.sh"

umask 077
rm -f $hold
# Plain passwords, from which PgBouncer makes both sides of SCRAM. app_owner is not here: migrations hold a session lock, which a
# pooled connection would keep.
cat >/tmp/userlist.txt <<END
"app_user" "$APP_USER_PASSWORD"
"monitor" "$MONITOR_PASSWORD"
END
unset APP_USER_PASSWORD MONITOR_PASSWORD

# With `scripts/lab secure on` clients have to encrypt, and the member has to prove who it is.
encryption=
if [[ -d /tls ]]; then
  encryption='client_tls_sslmode = require
client_tls_cert_file = /tls/tls.pem
client_tls_key_file = /tls/tls.pem
server_tls_sslmode = verify-full
server_tls_ca_file = /tls/ca.crt'
fi

# start_door NAME PORT
start_door() {
  # shellcheck disable=SC2153 # Compose sets MEMBER
  database_of "$MEMBER" >"/tmp/$1.database"
  cat >"/tmp/$1.ini" <<END
[databases]
%include /tmp/$1.database

[pgbouncer]
listen_addr = *
listen_port = $2
unix_socket_dir = /tmp
auth_type = scram-sha-256
auth_file = /tmp/userlist.txt
pool_mode = transaction
; Backends of one user on this member. Everybody else waits for one, at most query_wait_timeout.
default_pool_size = 20
max_client_conn = 2000
query_wait_timeout = 30
max_prepared_statements = 200
; The default, 15 s, would be the time without writes at each switchover.
server_login_retry = 1
server_connect_timeout = 2
ignore_startup_parameters = extra_float_digits,options
tcp_keepidle = 2
tcp_keepintvl = 1
tcp_keepcnt = 3
log_connections = 0
log_disconnections = 0
$encryption
END
  pgbouncer "/tmp/$1.ini" &
}

echo "$MEMBER" >$target
start_door write $write_port
write=$!
start_door read $read_port
read=$!
trap 'kill -INT $write $read' TERM INT

# PgBouncer tells each client what the server said at login, also whether it is a standby. After a promotion that is wrong until the
# connections to the server are new.
role=unknown
keep_role() {
  [[ $1 != "$role" ]] || return 0
  admin $read_port RECONNECT || return 0
  role=$1
  echo "$MEMBER is a $role now"
}

# One look at the write door. HAProxy leaves its clients alone (pooled-leader), so they are cut here, when the member they lead to
# has lost the lock: two looks say no, it is silent and another leads, or four find it silent. A busy leader is silent, too.
door=open misses=0 foreign_looks=0
keep_door() {
  local own=$1 status=$1
  if ((own != 0)) && [[ $(<$target) != "$MEMBER" ]]; then
    status=0
    leads "$(<$target)" || status=$?
  fi
  case $status in
    0)
      misses=0
      if ((own != 0)); then
        # Each look at another member starts a curl, so they end with the clients that need them.
        ((++foreign_looks % 40 != 0)) || leave_successor
        return
      fi
      point "$MEMBER" || return 0
      [[ $door == open ]] || ! admin $write_port RECONNECT 'ENABLE app_db' || door=open
      return
      ;;
    28)
      leader_other_than "$(<$target)"
      if [[ -n $found ]]; then misses=4; else ((misses += 1)); fi
      ;;
    *) ((misses += 2)) ;;
  esac
  # Held meanwhile, its clients wait for the new leader.
  if ((misses >= 4)) && [[ $door == open && ! -e $hold ]]; then
    ! close_door || ! point "$MEMBER" || door=closed
  fi
}

# KILL also pauses.
close_door() { admin $write_port 'DISABLE app_db' 'KILL app_db' 'RESUME app_db'; }

# Closes a door that leads to another member since a switchover --pause, once no client is left in it.
leave_successor() {
  local clients
  admin $write_port 'DISABLE app_db' || return 0
  if ! clients=$(admin $write_port 'SHOW CLIENTS') || [[ $clients == *'|app_db|'* ]]; then
    # Else the next look tries again.
    admin $write_port 'ENABLE app_db' || foreign_looks=-1
  elif point "$MEMBER"; then
    door=closed
  fi
}

# While the door is held: as soon as another member leads, what waits goes there. Nobody leads in time: to where it went before.
keep_hold() {
  local old deadline member
  read -r old deadline <$hold || return 0
  if ((EPOCHSECONDS >= deadline)); then
    bash "$(dirname "${BASH_SOURCE[0]}")/hold.sh" off
    return
  fi
  leader_other_than "$old"
  member=$found
  if [[ -z $member ]]; then
    # Clients wait where the door led to the old leader. Each asking costs the members as much as a health check.
    if [[ $(<$target) == "$old" ]]; then sleep 0.1; else sleep 0.5; fi
    return
  fi
  # A closed door has no clients. That of the new leader gets some in a moment.
  if [[ $door == open || $member == "$MEMBER" ]]; then
    # In one go, for clients wait.
    database_of "$member" >/tmp/write.database
    # First, so that the door is never taken to lead elsewhere than it does.
    echo "$member" >$target
    if ! admin $write_port RELOAD 'ENABLE app_db' 'RESUME app_db'; then
      sleep 0.2
      return
    fi
    door=open misses=0 foreign_looks=0
  fi
  rm -f $hold
}

start_looks() {
  exec {answers}< <(look_at "$MEMBER")
  looker=$!
}

stop_looks() {
  kill "$looker" 2>/dev/null || true
  exec {answers}<&-
}

# The newest answer: those that came during other work are history.
next_look() {
  local status=0
  read -rt 5 answer <&"$answers" || status=$?
  # Above 128 it is late; else the one who looks has ended.
  if ((status > 0 && status <= 128)); then
    stop_looks
    sleep 1
    start_looks
  fi
  ((status == 0)) || return 1
  while read -rt 0 <&"$answers"; do read -rt 5 answer <&"$answers" || return; done
}

start_looks
both_run() { kill -0 $write 2>/dev/null && kill -0 $read 2>/dev/null; }

while both_run; do
  if [[ -e $hold ]]; then
    # An answer from before the hand-over would send clients back to the old leader.
    stop_looks
    while [[ -e $hold ]] && both_run; do keep_hold; done
    # hold.sh opened it for clients of a new leader, which is not this member.
    [[ $door == open ]] || close_door || door=open
    start_looks
  fi
  next_look || continue
  own=0
  judge "${answer##* }" "$answer" || own=$?
  case $own in
    0) keep_role leader ;;
    28) ;; # it is busy, whatever it is
    *) keep_role standby ;;
  esac
  # Held meanwhile, it must not be cut.
  [[ -e $hold ]] || keep_door $own
done
kill -INT $write $read 2>/dev/null || true
wait $write $read
