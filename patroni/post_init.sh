#!/bin/bash
# Patroni runs this once, on the node that bootstraps the cluster, as: post_init.sh HUMAN_ROLE CONNECTION_STRING
# It must not fail half way: any non-zero exit makes Patroni discard the new data folder and try on another node.
set -euo pipefail

# Spilo's own step (extensions, human role). The Debian image has none.
if [[ -f /scripts/post_init.sh ]]; then
  /bin/bash /scripts/post_init.sh "$1" "$2"
fi

exec /bin/bash /lab/roles.sh
