# shellcheck shell=bash disable=SC2034 # others read the variables
# The two doors of a pooler, each a PgBouncer, and what both programs of this folder do with them. Read by launch.sh and hold.sh.

write_port=6432 # leads to the leader: this member, or, for clients that were here before a switchover --pause, its successor
read_port=6433  # leads to this member

# Written by hold.sh: "OLD-LEADER DEADLINE". While it is there, the write door is paused and launch.sh waits for another leader.
hold=/tmp/hold
# Where the write door leads to.
target=/tmp/target

# admin PORT COMMAND…: fails where the last command failed.
admin() {
  local port=$1 commands=()
  shift
  for command in "$@"; do commands+=(-c "$command"); done
  psql -qXAt -h /tmp -p "$port" -U pgbouncer pgbouncer "${commands[@]}" 2>&1
}

# With `scripts/lab secure on` this folder is there.
if [[ -d /tls ]]; then patroni=https options=(--cacert /tls/ca.crt); else patroni=http options=(); fi
ask=(curl -sf --noproxy '*' "${options[@]}")

# A member has the leader lock a moment before it takes writes; only then it calls itself so.
leader_answer='"role": "(primary|master)"'

# look_at MEMBER: one line every 0.25 s, for ever: what it answers as the leader, and the status of curl: 0 it has the lock, 22 it has
# not, 28 no answer within 3 s. One curl for many looks, because to start one costs more than all else here; with TLS for 5 s of them,
# because it would not see that the authority was changed.
look_at() {
  local looks=240
  [[ $patroni == http ]] || looks=20
  trap 'kill $! || true; exit' TERM
  while true; do
    stdbuf -oL "${ask[@]}" -m 3 --rate 4/s -w ' %{exitcode}\n' "$patroni://$1:8008/primary?[1-$looks]" &
    wait $! || sleep 0.25
  done
}

# leader_other_than MEMBER: sets found to the member that takes writes now, if it is another, else to nothing. Only the leader answers 200.
leader_other_than() {
  local member urls=() answer
  for member in patroni1 patroni2 patroni3; do
    [[ $member == "$1" ]] || urls+=("$patroni://$member:8008/primary")
  done
  answer=$("${ask[@]}" -Z -m 2 "${urls[@]}") || true
  found=
  [[ ! $answer =~ $leader_answer.*\"name\":\ \"([^\"]+)\" ]] || found=${BASH_REMATCH[2]}
}

# leads MEMBER: whether it takes writes; else the status of curl, as above.
leads() {
  local answer status=0
  answer=$("${ask[@]}" -m 3 "$patroni://$1:8008/primary") || status=$?
  judge "$status" "$answer"
}

# judge STATUS ANSWER
judge() {
  (($1 == 0)) || return "$1"
  [[ $2 =~ $leader_answer ]]
}

# point MEMBER: makes the write door lead there. Connections to another member end with their transactions.
point() {
  [[ $(<$target) != "$1" ]] || return 0
  database_of "$1" >/tmp/write.database
  admin $write_port RELOAD && echo "$1" >$target
}

# Start-up options of clients are ignored, so what the service sets for itself is set here for everybody.
database_of() {
  echo "app_db = host=$1 port=5432 connect_query='SET statement_timeout = ''30s''; SET idle_in_transaction_session_timeout = ''15s'''"
}
