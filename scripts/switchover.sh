#!/usr/bin/env bash
# Hands leadership over in an orderly way: nothing is lost, writes pause for a few seconds.
#
#   scripts/switchover.sh [MEMBER]     to MEMBER, or to whichever standby Patroni finds best
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

old=$(find_leader) || die "There is no leader. See: scripts/lab status"
candidate=()
if [[ -n ${1:-} ]]; then
  require_member "$1"
  [[ $1 != "$old" ]] || die "$1 is the leader already."
  candidate=(--candidate "$1")
fi

began=$SECONDS
docker exec "$(container "$old")" patronictl switchover --leader "$old" "${candidate[@]}" --force

within 30 find_leader || die "There is no leader 30 s after the switchover."
new=$(find_leader)
[[ $new != "$old" && $new == "${1:-$new}" ]] || die "$new leads, which is not what was asked."
say "✓ $new leads after $((SECONDS - began)) s."

within 60 is_standby "$old" || die "$old does not follow $new. See: scripts/check_replica_stuck.sh $old"
say "✓ $old follows it after $((SECONDS - began)) s."
docker exec "$(container "$new")" patronictl list
