#!/usr/bin/env bash
# Says which member answers a read: a replica, chosen at random for each connection, or the leader while there is no replica.
set -euo pipefail

psql "postgresql://app_user@patroni1,patroni2,patroni3/app_db?target_session_attrs=prefer-standby&load_balance_hosts=random&connect_timeout=2" \
  --no-psqlrc --tuples-only --no-align --field-separator ' ' \
  --command "SELECT member, CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'leader' END FROM lab.node_identity()"
