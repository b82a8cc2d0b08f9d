#!/usr/bin/env bash
# scan.sh SECONDS [PATTERN]: prints, of the WAL that was received in the last so many seconds, the records of deletes, of the ends of transactions
# and of restore points as pg_waldump shows them, from the oldest to the newest. With a pattern of grep only ends and restore points that match.
# Of each timeline only the part that the cluster kept when it left it.
set -euo pipefail
shopt -s nullglob
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

# pg_waldump wants all segments in one folder, under their own names. Hard links, because segments are renamed and moved meanwhile.
folder=$(mktemp -d "$repository/scan-XXXXXX")
trap 'rm -rf "$folder"' EXIT
collect() {
  local file name
  while read -r file; do
    name=${file##*/}
    ln -f "$file" "$folder/${name%.partial}" 2>/dev/null || true
  done < <(find "$streaming" "$wals" -regextype posix-extended -regex ".*/[0-9A-F]{24}$1" "${@:2}")
}
# The newest ones, which an idle cluster wrote long ago, first: a complete segment replaces what was received of it.
collect '\.partial'
collect '' -newermt "@$((EPOCHSECONDS - $1))"

pattern=${2:-'desc: (DELETE|COMMIT|ABORT|RESTORE_POINT) '}
kinds=(--rmgr Transaction --rmgr XLOG)
[[ -n ${2:-} ]] || kinds+=(--rmgr Heap)

lsn() { printf '%X/%X' $(($1 >> 32)) $(($1 & 0xFFFFFFFF)); }

# dump TIMELINE FROM [TO]: ends with an error where the log ends, and at a segment that is missing.
dump() {
  pg_waldump --path "$folder" --timeline "$((16#$1))" --start "$(lsn "$2")" ${3:+--end "$(lsn "$3")"} "${kinds[@]}" 2>/dev/null |
    grep -E "$pattern" || true
}

segments=("$folder"/*)
((${#segments[@]} > 0)) || exit 0
newest=${segments[-1]##*/}
from=0
while read -r timeline left; do
  to=${left:+$(position_of "$left")}
  next=0
  for file in "$folder/$timeline"*; do
    at=$(position "${file##*/}")
    # Where the log goes on after a gap, pg_waldump is started again.
    if ((at != next)); then
      ((at >= from)) || at=$from
      if [[ -z $to ]] || ((at < to)); then dump "$timeline" "$at" ${to:+"$to"}; fi
    fi
    next=$(($(position "${file##*/}") + segment_bytes))
  done
  [[ -z $to ]] || from=$to
done < <(lineage "${newest:0:8}")
