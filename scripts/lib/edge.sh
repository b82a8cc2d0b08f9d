# shellcheck shell=bash
# `scripts/lab edge`: two HAProxies with a virtual IP instead of one (infra/edge).

edges=(edge1 edge2)

lab_edge() {
  no_more_arguments "${@:2}"
  case ${1:-} in
    on) edge_on ;;
    off) edge_off ;;
    *) wrong_usage "edge takes on or off" ;;
  esac
}

edge_on() {
  running_member >/dev/null
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  switch_profile edge on
  provide_edge
  step "Starting two proxies" compose up -d --no-build --no-deps edge1 edge2
  wait_for_edge
  move_clients
  say "✓ Two proxies: $(edge_holder) holds the virtual IP. Break one: scripts/lab chaos run edge-kill. Back: scripts/lab edge off"
}

edge_off() {
  if is_on edge || is_there edge1 || is_there edge2; then
    switch_profile edge off
    choose_images "$(setting LAB_IMAGES auto)"
    provide_images
    move_clients
    step "Stopping the two proxies" remove_services "${edges[@]}"
  fi
  say "✓ One proxy."
}

# The published ports change hands within a second.
move_clients() {
  step "Handing the published ports over" compose up -d --no-build --no-deps haproxy
  renew_apis
}

provide_edge() {
  is_on edge || return 0
  step "Building the image of the proxies" compose build edge1
}

# wait_until_serving EDGE: before the other one may go.
wait_until_serving() {
  local deadline=$((SECONDS + 20))
  until docker exec "$(container "$1")" bash /edge/check.sh /serves 2>/dev/null; do
    ((SECONDS < deadline)) || die "$1 does not serve. Look: scripts/lab logs $1"
    sleep 0.3
  done
}

wait_for_edge() {
  local deadline=$((SECONDS + 20))
  until edge_holder >/dev/null; do
    ((SECONDS < deadline)) || die "Neither proxy has taken the virtual IP. Look: scripts/lab logs edge1"
    sleep 0.3
  done
}

# for_each_proxy COMMAND…: with the container of each HAProxy that has the lab's configuration as the last argument.
for_each_proxy() {
  local proxy proxies=(haproxy)
  ! is_on edge || proxies=("${edges[@]}")
  for proxy in "${proxies[@]}"; do "$@" "$(container "$proxy")"; done
}

# Prints the name of the container that has the virtual IP.
edge_holder() {
  local edge
  for edge in "${edges[@]}"; do
    if [[ " $(docker exec "$(container "$edge")" hostname -I 2>/dev/null)" == *" $(setting LAB_NETWORK 10.213.17).30 "* ]]; then
      echo "$edge"
      return
    fi
  done
  return 1
}
