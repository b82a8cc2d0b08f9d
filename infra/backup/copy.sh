#!/usr/bin/env bash
# copy.sh: brings the second copy of the repository, in an S3 store, up to date. A base backup's description comes after its files, so that
# whoever reads the copy sees complete ones only. Base backups and WAL are only added: a repository that was lost must not take its copy along.
# What is old is deleted by expire.sh.
set -euo pipefail
shopt -s nullglob
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
copy=$(copy_of "$(cat "$repository/cluster")")
archive=$repository/copy-archive partial=$repository/copy-partial

touch "$repository/copy-began"
# Most of the time an idle cluster has nothing new.
if [[ -f $repository/copied && -z $(find "$repository/meta" "$wals" "$streaming" -newer "$repository/copied" -print -quit) ]]; then
  mv "$repository/copy-began" "$repository/copied"
  exit
fi
present=$(rclone lsf "$copy/meta" 2>/dev/null || true)
# As archives, because S3 has no empty folders, and PostgreSQL does not start without them.
while read -r info; do
  name=${info##*/} name=${name%-backup.info}
  [[ $present != *"$name"* ]] || continue
  tar -C "$repository/base" -c "$name" | gzip -1 >"$archive"
  rclone copyto "$archive" "$copy/base/$name.tar.gz"
  rm "$archive"
  rclone copyto "$info" "$copy/meta/${info##*/}"
done < <(grep -lx 'status=DONE' /dev/null "$repository"/meta/*-backup.info)
rclone copy --ignore-existing --exclude /lab-xlog.db "$wals" "$copy/wals"
rclone copy "$repository" "$copy" --include /cluster --include /identity.json --include /relations --include /wals/lab-xlog.db

# What there is of the segment that is being received. It is mostly zeros.
rm -rf "$partial"
mkdir "$partial"
for segment in "$streaming"/*.partial; do gzip -1 -c "$segment" >"$partial/${segment##*/}.gz"; done
rclone sync "$partial" "$copy/streaming"
mv "$repository/copy-began" "$repository/copied"
