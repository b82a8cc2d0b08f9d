#!/bin/bash
# Brings roles, passwords, app_db and its functions to the state of roles.sql. Idempotent; run it on the leader only.
# Passwords come from the environment, or from the secret files: Patroni strips the environment of post_init.
set -euo pipefail

for name in app_owner_password app_user_password monitor_password; do
  variable=${name^^}
  export "$variable=${!variable:-$(cat "/run/secrets/$name")}"
done

# Commit without waiting for a standby: at bootstrap there is none. And keep passwords out of the server log,
# of the log of failed statements, and of pg_stat_statements, which `monitor` can read.
export PGOPTIONS="-c synchronous_commit=local -c log_statement=none -c log_min_duration_statement=-1 \
-c log_min_error_statement=panic -c pg_stat_statements.track=none"

exec psql -U postgres -d postgres -X -q -v ON_ERROR_STOP=1 -f /lab/roles.sql
