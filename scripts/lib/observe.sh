# shellcheck shell=bash
# `scripts/lab observe`: Prometheus, Alertmanager, exporters, and Grafana in the upstream set (infra/observability).

observers=(prometheus alertmanager postgres-exporter redis-exporter)

lab_observe() {
  no_more_arguments "${@:2}"
  case ${1:-} in
    on) observe_on ;;
    off) observe_off ;;
    *) wrong_usage "observe takes on or off" ;;
  esac
}

observe_on() {
  running_member >/dev/null
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  provide_base_image
  switch_profile observability on
  (check_ports) || { switch_profile observability off && exit 1; }
  complete_env
  provide_observability
  provide_certificates
  find infra/observability \( ! -perm -004 -o -type d ! -perm -001 \) -exec chmod a+rX {} +
  # Compose recreates a container for a changed image or variable, but not for a changed rule or dashboard.
  step "Starting the observers" compose up -d --no-build --no-deps --force-recreate "${observers[@]}"
  wait_for_prometheus
  say "✓ Observed: http://127.0.0.1:$(setting PROMETHEUS_PORT 9090)/alerts$(grafana_hint). What it shows: docs/observability.md. Back: scripts/lab observe off"
}

# What was measured stays in its volume until `scripts/lab down --volumes`.
observe_off() {
  if is_on observability || is_there prometheus; then
    step "Stopping the observers" remove_services "${observers[@]}" grafana
    switch_profile observability off
  fi
  say "✓ Nothing is observed."
}

has_grafana() { [[ $image_set == upstream ]]; }

grafana_hint() {
  ! has_grafana || printf ', http://127.0.0.1:%s (user admin, password: GRAFANA_PASSWORD in .env)' "$(setting GRAFANA_PORT 3010)"
}

provide_observability() {
  local image
  is_on observability || return 0
  if ! has_grafana; then
    step "Building the image of the observers" compose build prometheus
    return
  fi
  observers+=(grafana)
  for image in $(compose config --images "${observers[@]}"); do
    have_image "$image" || { step "Pulling the images of the observers" compose pull --quiet "${observers[@]}" && return; }
  done
}

wait_for_prometheus() {
  local deadline=$((SECONDS + 60))
  until docker exec "$(container prometheus)" wget -q -O /dev/null http://127.0.0.1:9090/-/ready 2>/dev/null; do
    ((SECONDS < deadline)) || die "Prometheus does not answer. Look: scripts/lab logs prometheus"
    sleep 0.3
  done
}
