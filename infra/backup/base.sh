#!/usr/bin/env bash
# base.sh BACKUP FOLDER: makes FOLDER the data folder of this backup, of an incremental one together with those it builds on.
# Not `barman restore`: from incremental backups it leaves out empty folders, without which PostgreSQL does not start.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

chain=()
backup=$1
while [[ $backup != None ]]; do
  [[ -f $(description "$backup") ]] || { echo "there is no backup $backup" >&2 && exit 1; }
  chain=("$repository/base/$backup/data" "${chain[@]}")
  backup=$(field "$backup" parent_backup_id)
  backup=${backup:-None}
done
# Nothing waits for the disk: what is restored can be restored again.
exec pg_combinebackup --no-sync --output "$2" "${chain[@]}"
