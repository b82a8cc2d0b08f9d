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
  provide_pooler
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
      wait_for_edge
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
