#!/usr/bin/env bash
# replica.sh: prints the data folder of a new replica as a tar archive: the newest base backup, and in pg_wal all complete segments since.
# Not the segment that is still being received: the replica would not ask its leader for the rest of it.
set -euo pipefail
shopt -s nullglob
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
refuse() { echo "No replica can be made: $*." >&2 && exit 1; }

[[ -f /tmp/ready ]] || refuse "the repository is not ready"
# Only then is it known where the newest timeline was begun.
pgrep -x pg_receivewal >/dev/null || refuse "no WAL is received"
[[ ! -f $repository/gap ]] || refuse "WAL was lost since the newest base backup"
backup=$(newest_backup) || refuse "there is no base backup"

# The WAL of a leader that died may go further than the cluster went on from. It is not given, nor is the segment in which a timeline was left:
# a replica would replay it to its end, and then be ahead of its leader.
declare -A left=()
newest=$(find "$streaming" "$wals" -regextype posix-extended -regex '.*/[0-9A-F]{24}(\.partial)?' -printf '%f\n' | sort | tail -n 1)
while read -r timeline place; do left[$timeline]=${place:+$(position_of "$place")}; done < <(lineage "${newest:0:8}")
# is_kept TIMELINE POSITION: whether the cluster kept the log up to there.
is_kept() { [[ -v left[$1] ]] && { [[ -z ${left[$1]} ]] || (($2 <= ${left[$1]})); }; }

is_kept "$(printf %08X "$(field "$backup" timeline)")" "$(position_of "$(field "$backup" end_xlog)")" ||
  refuse "the newest base backup has WAL of a leader that died, which the cluster did not keep"
# Twice, for WAL comes in meanwhile.
needed=$(($(du -sb "$repository/base/$backup" | cut -f 1) * 2))
free=$(df --output=avail -B1 "$repository" | tail -n 1)
((free > needed)) || refuse "there is no room for another copy of the data"

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
