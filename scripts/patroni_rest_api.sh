#!/usr/bin/env bash
# Asks one member's Patroni REST API what HAProxy and people ask, and checks the answers against the member's true role.
#
#   scripts/patroni_rest_api.sh [MEMBER]     default: patroni1
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"
need curl

member=${1:-patroni1}
require_member "$member"
number=${member#patroni}
base=$(url_scheme)://127.0.0.1:$(setting "PATRONI${number}_REST_PORT" $((8007 + number)))

# The truth comes from PostgreSQL itself.
in_recovery=$(sql "$member" 'SELECT pg_is_in_recovery()') || die "PostgreSQL on $member does not answer. See: scripts/lab logs $member"
if [[ $in_recovery == f ]]; then
  role=leader primary=200 replica=503
else
  role=replica primary=503 replica=200
fi
say "$member is a $role. Its REST API: $base"

wrong=0
ask() {
  local path=$1 expected=$2 meaning=$3 code
  code=$(curl -s -m 3 -o /dev/null -w '%{http_code}' "$base$path" || true)
  printf '%s %-10s %s   %s\n' "$([[ $code == "$expected" ]] && echo ✓ || echo ✗)" "$path" "$code" "$meaning"
  [[ $code == "$expected" ]] || wrong=1
}
ask /primary "$primary" "200 only on the leader: HAProxy's check behind the port for writes"
ask /replica "$replica" "200 only on a running replica: the check behind the port for reads"
ask /health 200 "PostgreSQL is up, whatever its role"
ask /patroni 200 "what this node knows of itself:"
curl -s -m 3 "$base/patroni" | json 'JSON.stringify(it, null, 2)'
ask /cluster 200 "what it knows of all:"
curl -s -m 3 "$base/cluster" | json 'JSON.stringify(it, null, 2)'
exit "$wrong"
