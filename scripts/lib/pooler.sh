# shellcheck shell=bash
# `scripts/lab pooler`: a PgBouncer beside each member, on ports of its own (infra/pooler).

poolers=(pooler1 pooler2 pooler3)

lab_pooler() {
  no_more_arguments "${@:2}"
  case ${1:-} in
    on) pooler_on ;;
    off) pooler_off ;;
    *) wrong_usage "pooler takes on or off" ;;
  esac
}

pooler_on() {
  running_member >/dev/null
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  provide_base_image
  switch_profile pooler on
  # Recreated without its ports, HAProxy would be gone.
  (check_ports) || { switch_profile pooler off && exit 1; }
  provide_pooler
  provide_certificates
  step "Starting a pooler beside each member" compose up -d --no-build --no-deps "${poolers[@]}"
  renew_proxies
  wait_for_pooler
  say "✓ Pooled: 127.0.0.1:$(setting PG_POOLED_WRITE_PORT 5010) to the leader, :$(setting PG_POOLED_READ_PORT 5011) to the replicas. What changes for clients: docs/pooling.md. Back: scripts/lab pooler off"
}

pooler_off() {
  if is_on pooler || is_there pooler1 || is_there pooler2 || is_there pooler3; then
    switch_profile pooler off
    choose_images "$(setting LAB_IMAGES auto)"
    provide_images
    renew_proxies
    step "Stopping the poolers" remove_services "${poolers[@]}"
  fi
  say "✓ No pooler: :5010 and :5011 are closed."
}

# Their environment and ports are others now, so they are recreated. Clients of the published ports connect again after about a second.
renew_proxies() {
  local edge
  if is_on edge; then
    for edge in "${edges[@]}"; do
      step "Recreating $edge" compose up -d --no-build --no-deps "$edge"
      wait_until_serving "$edge"
    done
  fi
  step "Recreating HAProxy" compose up -d --no-build --no-deps haproxy
  cluster wait 60 whole api || die "HAProxy does not serve. Look: scripts/lab logs haproxy"
}

wait_for_pooler() {
  local deadline=$((SECONDS + 20)) member
  member=$(running_member)
  until PGPASSWORD=$(setting APP_USER_PASSWORD) docker exec -e PGPASSWORD -e PGCONNECT_TIMEOUT=2 "$(container "$member")" \
    psql -h haproxy -p 5010 -U app_user -d app_db -XAtqc 'SELECT 1' >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "Nobody answers on :5010. Look: scripts/lab logs pooler1"
    sleep 0.3
  done
}

provide_pooler() {
  is_on pooler || return 0
  step "Building the image of the poolers" compose build pooler1
}

# switchover_held FROM [TO]: a switchover during which the poolers hold the clients of :5010, and after which they lead them to the
# new leader. In each pooler launch.sh does the second part by itself, whatever becomes of this program.
switchover_held() {
  local pooler clients member found
  is_on pooler || die "Only poolers can hold clients. First: scripts/lab pooler on"
  [[ ${2:-} != patroni4 ]] || die "patroni4 has no pooler."
  ! is_scaled || (($# == 2)) || die "patroni4 has no pooler, so say who is to lead: --to MEMBER"
  cluster wait 3 whole managed || die "Only a healthy cluster can hand over while clients wait. See: scripts/lab status"
  # What is written to disk now is not in the time that clients wait.
  on_leader -c "SET statement_timeout = '60s'" -c CHECKPOINT </dev/null
  trap 'ask_poolers "${poolers[*]}" off >/dev/null' EXIT
  trap 'exit 130' INT TERM
  hold_clients "$1" | cluster switchover-when-told "$@" || {
    [[ ${PIPESTATUS[0]} == 0 ]] || die "Nothing is changed. Clients of :5010 go on."
    return 1
  }
  trap - EXIT INT TERM
  found=$(ask_poolers "${poolers[*]}" settled) || die "Leadership is handed over, but a pooler does not answer: $found"
  # A pooler's own clients lead to its own member.
  while read -r pooler clients member; do
    [[ $pooler != "pooler${1#patroni}" || $member != "$1" ]] || die "The hand-over took longer than clients can be held, and they were cut."
    [[ $member == "patroni${pooler#pooler}" ]] || ((clients == 0)) ||
      say "✓ $clients clients stay connected to $pooler, which leads them to $member until they end."
  done <<<"$found"
}

# hold_clients LEADER: prints a line when all are held. Last at the leader's pooler, which has the clients; patroni4 has none.
hold_clients() {
  local last=pooler${1#patroni}
  ask_poolers "${poolers[*]/$last/}" on "$1" >&2 || return
  [[ " ${poolers[*]} " != *" $last "* ]] || ask_poolers "$last" on "$1" >&2 || return
  echo held
}

# ask_poolers NAMES ARGUMENT…: hold.sh in these at once, each line of output after the name. Fails when one fails.
ask_poolers() {
  local pooler pid pids=() status=0
  for pooler in $1; do
    (set -o pipefail && docker exec "$(container "$pooler")" bash /pooler/hold.sh "${@:2}" 2>&1 | sed "s/^/$pooler /") &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || status=1; done
  return $status
}
