#!/usr/bin/env bash
# Deletes base backups older than the retention policy with the WAL that only they need, and those that have failed; prints their names.
# From the second copy the same is deleted, and nothing else.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
segments() { (cd "$wals" && find . -type f ! -name 'lab-xlog.db' | sed 's|^\./||' | sort); }

before=$(segments)
names=$(barman list-backups lab | awk '/OBSOLETE|FAILED/ { print $2 }')
for name in $names; do
  barman -q delete lab "$name"
  echo "$name"
done
if [[ -n $names ]] && has_copy; then
  copy=$(copy_of "$(cat "$repository/cluster")")
  # The description first, so that a backup is never taken for complete.
  for name in $names; do printf '%s\n' "meta/$name-backup.info" "base/$name.tar.gz"; done | rclone delete --files-from - "$copy" ||
    echo "The second copy could not be told: it keeps $names." >&2
  comm -23 <(echo "$before") <(segments) | rclone delete --files-from - "$copy/wals" || true
fi
