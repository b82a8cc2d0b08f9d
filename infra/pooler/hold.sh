#!/usr/bin/env bash
# What `scripts/lab switchover --pause` asks of each pooler.
#   hold.sh on LEADER  lets transactions end and starts no more, until another member leads; fails, with nothing changed, if one does not end
#   hold.sh off        lets transactions begin again, towards the old leader unless there is a new one
#   hold.sh settled    waits until they may; prints how many clients lead to another member, and to which
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=infra/pooler/door.sh
source door.sh

# A transaction may take so long.
drain_seconds=5
# Whatever becomes of who asked. Below query_wait_timeout, at which PgBouncer ends clients that wait.
hold_seconds=25

off() {
  rm -f $hold
  admin $write_port 'RESUME app_db' >/dev/null || true
}

case ${1:-} in
  on)
    echo "$2 $((EPOCHSECONDS + hold_seconds))" >$hold
    trap off EXIT
    trap 'exit 1' TERM INT
    timeout $drain_seconds psql -qX -h /tmp -p $write_port -U pgbouncer pgbouncer -c 'PAUSE app_db' || {
      (($? != 124)) || echo "a transaction has not ended within $drain_seconds s"
      exit 1
    }
    # Taken back before PAUSE was there: nobody else would resume.
    [[ -e $hold ]] || exit 1
    # HAProxy may send clients to the new leader's door a moment before launch.sh opens it. They wait there, too.
    admin $write_port 'ENABLE app_db' >/dev/null
    trap - EXIT
    ;;
  off) off ;;
  settled)
    while [[ -e $hold ]]; do sleep 0.1; done
    echo "$(admin $write_port 'SHOW CLIENTS' | grep -c '|app_db|' || true) $(<$target)"
    ;;
  *) exit 2 ;;
esac
