#!/usr/bin/env bash
# fresh.sh POINTS: by how much the claim of this proxy to the virtual IP counts more than that of one that has had it for long (launch.sh).
echo "$1" >/run/fresh
