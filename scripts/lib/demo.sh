# shellcheck shell=bash
# What the demo scripts share. Everything else they do in plain docker, curl, patronictl and psql.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
# shellcheck source=scripts/lib/requirements.sh
source scripts/lib/requirements.sh
# shellcheck source=scripts/lib/output.sh
source scripts/lib/output.sh
# shellcheck source=scripts/lib/settings.sh
source scripts/lib/settings.sh
# shellcheck source=scripts/lib/profiles.sh
source scripts/lib/profiles.sh
# shellcheck source=scripts/lib/members.sh
source scripts/lib/members.sh

# The comment at the top of each script is its help.
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
  exit 0
fi
need docker

wrong_usage() {
  printf '%s. See: %s --help\n' "$*" "$0" >&2
  exit 2
}

# sql MEMBER STATEMENT: runs on this node, through its local socket.
sql() { docker exec "$(container "$1")" psql -U postgres -d app_db -XAtqc "$2"; }

# rest MEMBER PATH: Patroni's REST API of that node.
rest() { docker exec "$(container "$1")" curl -s -m 3 "$(url_scheme)://localhost:8008$2"; }

# json EXPRESSION: prints a value of the JSON on stdin; the expression calls the JSON `it`.
json() { node -e 'const it = JSON.parse(require("fs").readFileSync(0)); console.log(eval(process.argv[1]) ?? "")' "$1"; }

# Names the leader only after its promotion: /primary alone answers 200 as soon as the lock is held.
find_leader() {
  local member
  for member in "${members[@]}"; do
    if [[ $(sql "$member" 'SELECT pg_is_in_recovery()' 2>/dev/null) == f && $(rest "$member" /primary | json it.role) == primary ]]; then
      echo "$member"
      return
    fi
  done
  return 1
}

# A standby that streams, and that may be promoted.
is_standby() { cluster wait 0 "standby=$1" 2>/dev/null; }

require_member() { [[ " ${members[*]} " == *" $1 "* ]] || wrong_usage "'$1' is not a member (${members[*]})"; }

# within SECONDS COMMAND…: tries until it succeeds.
within() {
  local deadline=$((SECONDS + $1))
  until "${@:2}" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.5
  done
}
