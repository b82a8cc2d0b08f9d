# shellcheck shell=bash
# Who is in the cluster. patroni4 is for as long as its volume exists: `scripts/lab scale` makes it and takes it away.

is_scaled() { docker volume inspect "$(setting LAB_NAME pg-ha-lab)_patroni4" >/dev/null 2>&1; }

find_members() {
  members=(patroni1 patroni2 patroni3)
  ! is_scaled || members+=(patroni4)
}
find_members

# Their published REST ports, with commas between.
rest_ports() {
  local member number ports=()
  for member in "${members[@]}"; do
    number=${member#patroni}
    ports+=("$(setting "PATRONI${number}_REST_PORT" $((8007 + number)))")
  done
  (IFS=, && printf '%s' "${ports[*]}")
}
