#!/usr/bin/env bash
# The first process of a pooler: writes PgBouncer's configuration, starts it, and makes it connect anew when the role of its member
# changes.
set -euo pipefail

umask 077
# Plain passwords, from which PgBouncer makes both sides of SCRAM. app_owner is not here: migrations hold a session lock, which a
# pooled connection would keep.
cat >/tmp/userlist.txt <<END
"app_user" "$APP_USER_PASSWORD"
"monitor" "$MONITOR_PASSWORD"
END
cat >/tmp/pgbouncer.ini <<END
[databases]
; Start-up options of clients are ignored, so what the service sets for itself is set here for everybody.
app_db = host=$MEMBER port=5432 connect_query='SET statement_timeout = ''30s''; SET idle_in_transaction_session_timeout = ''15s'''

[pgbouncer]
listen_addr = *
listen_port = 6432
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
END
unset APP_USER_PASSWORD MONITOR_PASSWORD

pgbouncer /tmp/pgbouncer.ini &
pgbouncer=$!
trap 'kill -INT $pgbouncer' TERM INT

# PgBouncer tells each client what the server said at login, also whether it is a standby. After a promotion that is wrong until the
# connections to the server are new.
is_leader() {
  local status
  exec 3<>"/dev/tcp/$MEMBER/8008" || return 1
  printf 'OPTIONS /primary HTTP/1.0\r\n\r\n' >&3
  read -r -t 2 _ status _ <&3 && [[ $status == 200 ]]
}
role=unknown
while kill -0 $pgbouncer 2>/dev/null; do
  is=standby
  ! (is_leader) 2>/dev/null || is=leader
  if [[ $is != "$role" ]] && psql -qX -h /tmp -p 6432 -U pgbouncer pgbouncer -c RECONNECT; then
    echo "$MEMBER is a $is now: connecting anew"
    role=$is
  fi
  sleep 0.25
done
wait $pgbouncer
