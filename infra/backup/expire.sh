#!/usr/bin/env bash
# Deletes base backups older than the retention policy with the WAL that only they need, and those that have failed; prints their names.
# The second copy follows.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

for name in $(barman list-backups lab | awk '/OBSOLETE|FAILED/ { print $2 }'); do
  barman -q delete lab "$name"
  if has_copy; then
    copy=$(copy_of "$(cat "$repository/cluster")")
    # Its description first, so that it is never taken for complete.
    rclone deletefile "$copy/meta/$name-backup.info" 2>/dev/null || true
    rclone deletefile "$copy/base/$name.tar.gz" 2>/dev/null || true
    rclone sync --ignore-existing "$wals" "$copy/wals"
  fi
  echo "$name"
done
