#!/usr/bin/env bash
# fetch.sh [CLUSTER]: makes the repository anew from its second copy. CLUSTER is the identity of the cluster that there is; without any, the
# copy that was written last is taken.
set -euo pipefail
shopt -s nullglob
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"
new=$repository.new

cluster=${1:-$(rclone lsf --recursive --files-only --format tp --include '/*/streaming/*' "$(copy_of '')" | sort | sed -nE '$ s|.*;([0-9]+)/.*|\1|p')}
[[ -n $cluster && -n $(rclone lsf "$(copy_of "$cluster")/meta") ]] || { echo "There is no second copy to begin with." && exit; }
echo "The repository is made from its second copy."
rm -rf "$new"
rclone copy --exclude '/base/**' "$(copy_of "$cluster")" "$new"
mkdir "$new/base"
for info in "$new"/meta/*-backup.info; do
  name=${info##*/} name=${name%-backup.info}
  rclone cat "$(copy_of "$cluster")/base/$name.tar.gz" | tar -xz -C "$new/base"
done
gunzip "$new"/streaming/*.gz
# Where the whole segment is there, its beginning is old.
for segment in "$new"/streaming/*.partial; do
  name=${segment##*/} name=${name%.partial}
  [[ ! -f $new/wals/${name:0:16}/$name ]] || rm "$segment"
done
mv "$new" "$repository"
