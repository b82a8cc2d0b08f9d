#!/usr/bin/env bash
# replica.sh: prints the data folder of a new replica as a tar archive: the newest base backup, and in pg_wal all complete segments since.
# Of the segment that is still being received a member must know nothing: it would take its end for the end of the log.
set -euo pipefail
shopt -s nullglob
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

# Only what the cluster kept. Of a leader that died it may not have all, and a segment in which it left a timeline is not given, either: the
# replica would replay it to its end, and the leader has another one.
declare -A left=()
newest=$(find "$streaming" "$wals" -regextype posix-extended -regex '.*/[0-9A-F]{24}(\.partial)?' -printf '%f\n' | sort | tail -n 1)
while read -r timeline place; do left[$timeline]=${place:+$(position_of "$place")}; done < <(lineage "${newest:0:8}")
# is_kept TIMELINE POSITION: whether the log up to there is the cluster's.
is_kept() { [[ -v left[$1] ]] && { [[ -z ${left[$1]} ]] || (($2 <= ${left[$1]})); }; }

[[ ! -f $repository/gap ]] || { echo "WAL was lost since the newest base backup" >&2 && exit 1; }
backup=$(newest_backup)
[[ -n $backup ]] || { echo "there is no base backup" >&2 && exit 1; }
is_kept "$(printf %08X "$(field "$backup" timeline)")" "$(position_of "$(field "$backup" end_xlog)")" ||
  { echo "the newest base backup is of a leader that died before others had all of it" >&2 && exit 1; }

folder=$(mktemp -d "$repository/replica-XXXXXX")
trap 'rm -rf "$folder"' EXIT
bash /backup/base.sh "$backup" "$folder/data"
begin=$(position "$(field "$backup" begin_wal)")
# Hard links, because segments are moved meanwhile.
while read -r file; do
  name=${file##*/}
  if [[ $name != *.history ]]; then
    start=$(((16#${name:8:8} << 32) + (16#${name:16:8} << 24)))
    ((start >= begin)) || continue
    is_kept "${name:0:8}" $((start + segment_bytes)) || continue
  fi
  ln -f "$file" "$folder/data/pg_wal/$name" 2>/dev/null || true
done < <(find "$streaming" "$wals" -regextype posix-extended -regex '.*/([0-9A-F]{24}|[0-9A-F]{8}\.history)')
tar -C "$folder/data" -cf - .
