#!/usr/bin/env bash
# copy.sh: brings the second copy of the repository, in an S3 store, up to date. A base backup's description comes after its files, so that
# whoever reads the copy sees complete ones only. Only what expire.sh has deleted is deleted here: when the repository loses its files, the copy
# keeps its own.
set -euo pipefail
shopt -s nullglob
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
copy=$(copy_of "$(cat "$repository/cluster")")
archive=$repository/copy-archive received=$repository/copy-received
trap 'rm -rf "$archive" "$received"' EXIT

# It fails where the store does not answer. What is not done then is done with the next round.
delete_expired() {
  local name archives first segments old
  archives=$(list_copy "$copy/base")
  for name in "${gone[@]}"; do
    # The description first, so that a backup is never taken for complete.
    [[ $present != *"$name"* ]] || rclone deletefile "$copy/meta/$name-backup.info"
    [[ $archives != *"$name"* ]] || rclone deletefile "$copy/base/$name.tar.gz"
  done
  # Positions only grow, so of the WAL no backup of the copy needs what was written before the first of them began.
  first=$(rclone cat "$copy/meta" --include '*-backup.info' | sed -n 's/^begin_wal=.\{8\}//p' | sort -r | tail -n 1)
  segments=$(rclone lsf --recursive --files-only "$copy/wals" | grep -E '/[0-9A-F]{24}(\.partial)?$' || true)
  old=$(awk -v first="$first" '{ name = $0; sub(".*/", "", name) } substr(name, 9, 16) "" < first ""' <<<"$segments")
  [[ -z $old ]] || rclone delete --files-from - "$copy/wals" <<<"$old"
  (cd "$expired" && rm -f "${gone[@]}")
}

touch "$repository/copy-began"
present=$(list_copy "$copy/meta")
# Not what Barman could not delete.
gone=()
for name in "$expired"/*; do
  [[ -f $(description "${name##*/}") ]] || gone+=("${name##*/}")
done
((${#gone[@]} == 0)) || delete_expired
# Most of the time an idle cluster has nothing new.
if [[ -n $present && -f $repository/copied && -z $(find "$repository/meta" "$wals" "$streaming" -newer "$repository/copied" -print -quit) ]]; then
  mv "$repository/copy-began" "$repository/copied"
  exit
fi

# Those whose WAL is there by now.
mapfile -t complete < <(grep -lx 'status=DONE' /dev/null "$repository"/meta/*-backup.info)
# What is not filed yet, before what is filed: a segment that changes places meanwhile is in one of them.
rm -rf "$received"
mkdir "$received"
for file in "$streaming"/*; do ln "$file" "$received/" 2>/dev/null || true; done
rclone copy --ignore-existing --exclude /lab-xlog.db "$wals" "$copy/wals"
rclone copy "$repository" "$copy" --include /cluster --include /identity.json --include /relations --include /wals/lab-xlog.db
# The segment that is being received is mostly zeros.
for file in "$received"/*; do gzip -1 -c "$file" >"$file.gz" && rm "$file"; done
rclone sync "$received" "$copy/streaming"

# As archives, because S3 has no empty folders, and PostgreSQL does not start without them.
for info in "${complete[@]}"; do
  name=${info##*/} name=${name%-backup.info}
  [[ $present != *"$name"* ]] || continue
  tar -C "$repository/base" -c "$name" | gzip -1 >"$archive"
  rclone copyto "$archive" "$copy/base/$name.tar.gz"
  rclone copyto "$info" "$copy/meta/${info##*/}"
done
mv "$repository/copy-began" "$repository/copied"
