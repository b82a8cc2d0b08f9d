#!/usr/bin/env bash
# Deletes base backups older than the retention policy with the WAL that only they need, and those that have failed; prints their names.
set -euo pipefail
for name in $(barman list-backups lab | awk '/OBSOLETE|FAILED/ { print $2 }'); do
  barman -q delete lab "$name"
  echo "$name"
done
