#!/usr/bin/env bash
# end.sh: prints the number of the newest timeline, and a position that whoever has replayed all of its WAL here has reached, and nobody who lacks
# the last record of it.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

# pg_waldump wants a segment under its own name, also the one that is being received.
folder=$(mktemp -d "$repository/scan-XXXXXX")
trap 'rm -rf "$folder"' EXIT
names=$(find "$streaming" "$wals" -regextype posix-extended -regex '.*/[0-9A-F]{24}(\.partial)?' -printf '%f\n' | sed 's/\.partial$//' | sort -ru)
# Newest first, for a segment may have nothing but the rest of a long record.
for name in $names; do
  [[ ${name:0:8} == "${names:0:8}" ]] || break
  file=$(wal_file "$name" partial) || continue
  ln "$file" "$folder/$name"
  # It ends with an error, where the log does.
  last=$(pg_waldump "$folder/$name" 2>/dev/null | tail -n 1) || true
  if [[ $last =~ \(rec/tot\):\ +[0-9]+/\ *([0-9]+),.*\ lsn:\ ([0-9A-F]+/[0-9A-F]+), ]]; then
    end=$(($(position_of "${BASH_REMATCH[2]}") + BASH_REMATCH[1]))
    printf '%d %X/%X\n' "$((16#${name:0:8}))" $((end >> 32)) $((end & 0xFFFFFFFF))
    exit
  fi
done
echo "no WAL was received" >&2
exit 1
