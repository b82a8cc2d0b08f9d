#!/usr/bin/env bash
# Proves that replication works: who is synchronous and why, a row arriving on each replica, and that a replica refuses
# to be written to.
#
#   scripts/test_replication.sh
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

(($# == 0)) || wrong_usage "unexpected argument '$1'"
leader=$(find_leader) || die "There is no leader. See: scripts/lab status"

# For whom a commit waits, as PostgreSQL says it: `ANY 1 (…)` any one of the list, a name that one, an empty string nobody.
say "1. The leader is $leader. The mode is $(cluster mode), so Patroni has set"
say "   synchronous_standby_names = '$(sql "$leader" 'SHOW synchronous_standby_names')', synchronous_commit = $(sql "$leader" 'SHOW synchronous_commit')"

row=$(scripts/lab psql write -XAtqc 'INSERT INTO lab.demo DEFAULT VALUES RETURNING id')
say "2. Row $row is written on $leader."
arrived() { [[ $(sql "$1" "SELECT id FROM lab.demo WHERE id = $row") == "$row" ]]; }
for replica in "${members[@]}"; do
  [[ $replica != "$leader" ]] || continue
  within 10 arrived "$replica" || die "The row has not arrived on $replica within 10 s. See: scripts/check_replica_stuck.sh $replica"
  say "✓ It is on $replica."
done

say "3. A replica refuses writes, even from a superuser (SQLSTATE 25006, read_only_sql_transaction)."
for replica in "${members[@]}"; do
  [[ $replica != "$leader" ]] || continue
  refusal=$(docker exec "$(container "$replica")" psql -U postgres -d app_db -Xqc '\set VERBOSITY sqlstate' \
    -c 'DELETE FROM lab.demo WHERE false' 2>&1) && die "$replica took a write."
  [[ $refusal == *25006* ]] || die "$replica refused for another reason: $refusal"
  say "✓ $replica: $refusal"
done
[[ $(sql "$leader" "DELETE FROM lab.demo WHERE id = $row RETURNING id") == "$row" ]]

say "4. What everybody says of it:"
scripts/monitor.sh
