# shellcheck shell=bash
# The members of the cluster, and what they report. patroni4 is a member as long as its volume exists; `scripts/lab scale` makes and removes it.

is_scaled() { docker volume inspect "$(setting LAB_NAME pg-ha-lab)_patroni4" >/dev/null 2>&1; }

find_members() {
  members=(patroni1 patroni2 patroni3)
  ! is_scaled || members+=(patroni4)
}
find_members

etcds=(etcd1 etcd2 etcd3)

# The published REST ports of the members, with commas between.
rest_ports() {
  local member number ports=()
  for member in "${members[@]}"; do
    number=${member#patroni}
    ports+=("$(setting "PATRONI${number}_REST_PORT" $((8007 + number)))")
  done
  (IFS=, && printf '%s' "${ports[*]}")
}

# cluster COMMAND…: what the cluster says of itself, over the published ports (libs/cluster/bin/cluster.mjs).
cluster() { with_lab_names node libs/cluster/bin/cluster.mjs "$@"; }

with_lab_names() {
  LAB_NAME=$(setting LAB_NAME pg-ha-lab) LAB_PREFIX=$(setting LAB_PREFIX) PATRONI_PORTS=$(rest_ports) \
    API_PORTS=$(setting API_PORT 3000),$(setting API1_PORT 3001),$(setting API2_PORT 3002) PG_WRITE_PORT=$(setting PG_WRITE_PORT 5000) PG_READ_PORT=$(setting PG_READ_PORT 5001) \
    HAPROXY_STATS_PORT=$(setting HAPROXY_STATS_PORT 8404) LAB_PROFILES=$(setting LAB_PROFILES | tr -d ' ') PATRONI_PASSWORD=$(setting PATRONI_PASSWORD) "$@"
}
