#!/bin/sh
# The first process of the PostgreSQL members and of HAProxy: start.sh USER FOLDER COMMAND…
# Checks that FOLDER, which comes from the checkout, can be read; makes the kernel notice dead peers early (neighbours.pl); gives the
# capability for that away; and becomes COMMAND, as USER.
set -eu
user=$1 folder=$2
shift 2

# Files are hidden in a checkout made under umask 077, or guarded by SELinux. Checked here because the failure would otherwise come
# later and look like something else. Docker restarts the container until the files can be read.
hidden=$(find "$folder" \( ! -perm -004 -o -type d ! -perm -001 \) 2>&1 | head -n 1)
if [ -n "$hidden" ]; then
  echo "lab: not everybody in this container may read $hidden. On the host, in the lab's folder: chmod -R a+rX haproxy patroni infra" >&2
  exit 1
fi

# A failure here only slows failovers down.
perl "${0%/*}/neighbours.pl" ||
  echo "lab: a dead peer is noticed after up to 3 s instead of 0.3 s here, so a failover may take 2 s longer." >&2

become() { exec setpriv --inh-caps=-net_admin --bounding-set=-net_admin "$@"; }

if [ "$user" != root ]; then
  become --reuid="$user" --regid="$user" --init-groups "$@"
fi
# An image that unpacks itself at its first start does not have setpriv yet.
if (become true) 2>/dev/null; then
  become "$@"
fi
exec "$@"
