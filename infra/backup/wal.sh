#!/usr/bin/env bash
# restore_command of servers that are restored beside the lab: wal.sh NAME DESTINATION. They also read the segment that is still being
# received, or the last minutes would be missing. Members of the cluster must not: theirs would take it for the end of the log.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

file=$(wal_file "$1" partial)
exec cp "$file" "$2"
