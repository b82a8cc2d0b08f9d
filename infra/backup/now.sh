#!/usr/bin/env bash
# now.sh [--incremental]: makes a base backup and waits until it can be restored. One at a time: Barman refuses a second one.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
bound_seconds=120

# Files what is received. Barman files no segment before the next one has begun, and an idle cluster writes nothing for up to 15 s.
file_wal() {
  timeout 20 psql -d 'host=haproxy port=5000 user=barman dbname=postgres connect_timeout=5' -XAtq -c 'SET synchronous_commit = local' \
    -c "SELECT pg_logical_emit_message(true, 'backup', '')" >/dev/null 2>&1 || true
  sleep 0.3
  # launch.sh does it as well, less often, and may be at it.
  barman -q archive-wal lab 2>/dev/null || true
}

# Barman begins no backup before the first segment is filed.
until [[ -n $(find "$wals" -type f -print -quit) ]]; do
  ((SECONDS < bound_seconds)) || { echo "no WAL is received" >&2 && exit 1; }
  barman -q switch-wal --force lab || true
  file_wal
done

options=()
# Without one to build on it is a full one.
if [[ ${1:-} == --incremental ]] && [[ -n $(newest_backup) ]]; then options=(--incremental latest); fi
# Files of its own: a second one that Barman refuses must not move the beginning of the first, which tells by it which gap it has mended.
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
touch "$own/began"
# It warns each time that the backup waits for its WAL, which is what this program is for.
barman -q backup "${options[@]}" lab 2>"$own/log" || { cat "$own/log" >&2 && exit 1; }
name=$(find "$repository/base" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tail -n 1)
deadline=$((SECONDS + bound_seconds))
# Its last WAL is in a segment that an idle cluster would never complete.
barman -q switch-wal --force lab || true
until barman -q check-backup lab "$name" && [[ $(field "$name" status) == DONE ]]; do
  ((SECONDS < deadline)) || { echo "backup $name still waits for its WAL" >&2 && exit 1; }
  file_wal
done
# WAL that was lost meanwhile is another gap.
[[ $repository/gap -nt $own/began ]] || rm -f "$repository/gap"
echo "$name"
