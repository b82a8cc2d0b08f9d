#!/usr/bin/env bash
# restore_command of servers that are restored beside the lab: wal.sh NAME DESTINATION. They also read the segment that is still being
# received, or the last minutes would be missing. Members of the cluster must not: theirs would take it for the end of the log.
set -euo pipefail
# shellcheck source=infra/backup/repository.sh
source "$(dirname "${BASH_SOURCE[0]}")/repository.sh"

# Segments are renamed and moved when they are complete.
for _ in 1 2 3; do
  file=$(wal_file "$1" partial)
  ! cp "$file" "$2" || exit 0
done
# Any status up to 125 would be the end of the log to PostgreSQL, which would begin to serve without the rest. With this one recovery fails.
exit 255
