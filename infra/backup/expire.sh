#!/usr/bin/env bash
# Deletes base backups older than the retention policy with the WAL that only they need, and those that have failed; prints their names.
# From the second copy copy.sh deletes the same, and nothing else: it finds their names in a folder, where they stay until that is done.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

for name in $(barman list-backups lab | awk '/OBSOLETE|FAILED/ { print $2 }'); do
  # Before it is gone here, for what stops in between must not be forgotten there.
  ! has_copy || { mkdir -p "$expired" && touch "$expired/$name"; }
  barman -q delete lab "$name"
  echo "$name"
done
