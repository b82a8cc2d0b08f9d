#!/usr/bin/env bash
# fetch.sh [CLUSTER]: makes the repository anew from its second copy. CLUSTER is the identity of the cluster that there is; without any, the
# copy that was written last is taken. It fails when the store does not answer, and not when it has no copy.
set -euo pipefail
shopt -s nullglob
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
new=$repository.new

cluster=${1:-$(rclone lsf --recursive --files-only --format tp --include '/*/streaming/*' "$(copy_of '')" | sort | sed -nE '$ s|.*;([0-9]+)/.*|\1|p')}
copy=$(copy_of "$cluster")
[[ -n $cluster && -n $(list_copy "$copy/meta") ]] || { echo "There is no second copy to begin with." && exit; }
echo "The repository is made from its second copy."
rm -rf "$new"
rclone copy --exclude '/base/**' "$copy" "$new"
mkdir -p "$new"/{base,streaming,wals}
archives=$(list_copy "$copy/base")
for info in "$new"/meta/*-backup.info; do
  name=${info##*/} name=${name%-backup.info}
  if [[ $archives == *"$name.tar.gz"* ]]; then
    rclone cat "$copy/base/$name.tar.gz" | tar -xz -C "$new/base"
  else
    rm "$info"
  fi
done
for file in "$new"/streaming/*.gz; do gunzip "$file"; done
# Where the whole segment is there, its beginning is old.
for file in "$new"/streaming/*; do
  name=${file##*/} name=${name%.partial}
  [[ ! -f $new/wals/${name:0:16}/$name && ! -f $new/wals/$name ]] || rm "$file"
done
# What was written between the end of the copy and what the members still keep may be lost. A base backup makes up for it.
touch "$new/gap"
mv "$new" "$repository"
