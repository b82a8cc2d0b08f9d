#!/usr/bin/env bash
# Shows what Patroni keeps in etcd: every key with its value, and how long the leader's lease still runs.
#
#   scripts/inspect_etcd.sh
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

# Any member answers for all as long as two of three are running.
for node in "${etcds[@]}"; do
  if docker exec "$(container "$node")" etcdctl endpoint health >/dev/null 2>&1; then break; fi
  node=
done
[[ -n $node ]] || die "No etcd member answers: fewer than two of three are alive. See: docker ps -a"
etcdctl() { docker exec "$(container "$node")" etcdctl "$@"; }

say "etcd members, asked through $node:"
etcdctl member list -w table

for key in $(etcdctl get --prefix /service/ --keys-only); do
  printf '\n%s\n' "$key"
  etcdctl get --print-value-only "$key" |
    node -e 'const value = require("fs").readFileSync(0, "utf8").trim();
      console.log(/^[[{]/.test(value) ? JSON.stringify(JSON.parse(value), null, 2) : value);' | sed 's/^/  /'
done

# The leader key hangs on a lease. It is refreshed every loop (2 s); when its owner dies it runs out, and that starts the failover.
lease=$(etcdctl get "/service/$scope/leader" -w fields | sed -n 's/^"Lease" : //p')
[[ -n $lease ]] || die "There is no leader key, so the cluster has no leader."
printf '\nThe leader'\''s lease: '
etcdctl lease timetolive "$(printf '%x' "$lease")"
