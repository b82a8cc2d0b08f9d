# shellcheck shell=bash
# Labs beside this one that `scripts/lab backup clone` has made. Each has a name, addresses and ports of its own, in a file; all else, passwords
# too, it has from the same .env.

clone_file() { echo ".lab/clones/$1.env"; }

# `scripts/lab in NAME COMMAND…`: a command for a clone.
lab_in() {
  local name=${1:-}
  [[ -n $name && -f $(clone_file "$name") ]] || wrong_usage "there is no clone '$name'$(list_clones)"
  (($# > 1)) || wrong_usage "in needs a command"
  # shellcheck source=/dev/null
  (set -a && source "$(clone_file "$name")" && exec scripts/lab "${@:2}")
  # Without its volumes nothing of it is left.
  [[ $2 != down || ${3:-} != --volumes ]] || rm -f "$(clone_file "$name")"
}

list_clones() {
  local found=()
  [[ ! -d .lab/clones ]] || mapfile -t found < <(find .lab/clones -name '*.env' -exec basename {} .env \;)
  ((${#found[@]} == 0)) || printf '; there are: %s' "${found[*]}"
}

# write_clone NAME: writes down its own settings. Its ports are this lab's plus 100, or 200, and so on: the first set of which nobody holds any.
write_clone() {
  local number name networks wanted=() file
  local -A ports=([PATRONI4_REST_PORT]=8011)
  file=$(clone_file "$1")
  for name in "${!default_ports[@]}"; do ports[$name]=${default_ports[$name]}; done
  for name in "${!pooler_ports[@]}"; do ports[$name]=${pooler_ports[$name]}; done
  # shellcheck disable=SC2046 # a word per network
  networks=$(docker network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{end}}' $(docker network ls -q))
  for number in {1..9}; do
    wanted=()
    for name in "${!ports[@]}"; do wanted+=("$name=$(($(setting "$name" "${ports[$name]}") + 100 * number))"); done
    [[ "$networks $(cat .lab/clones/*.env 2>/dev/null)" == *"10.213.$((30 + number))"* || -n $(node scripts/lib/ports.mjs "${wanted[@]}") ]] || break
    wanted=()
  done
  ((${#wanted[@]} > 0)) || die "All ports that a clone could publish are taken."
  mkdir -p .lab/clones
  {
    printf '%s\n' "LAB_CLONE=$1" "LAB_NAME=$(setting LAB_NAME pg-ha-lab)-clone-$1" "LAB_PREFIX=$(setting LAB_PREFIX)clone-$1-" "LAB_NETWORK=10.213.$((30 + number))" "LAB_PROFILES=$(! is_on secure || echo secure)"
    printf '%s\n' "${wanted[@]}"
  } >"$file"
}
