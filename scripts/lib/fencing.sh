# shellcheck shell=bash
# `scripts/lab fencing`: the service that releases a dead leader's lock at once, instead of after the TTL.

# Fencing is on as long as one of its two containers exists.
is_fenced() {
  docker container inspect "$(container fencing)" >/dev/null 2>&1 ||
    docker container inspect "$(container docker-gate)" >/dev/null 2>&1
}

# Compose reads it for docker-gate.
choose_socket() {
  DOCKER_SOCKET=$(setting DOCKER_SOCKET)
  export DOCKER_SOCKET=${DOCKER_SOCKET:-$(engine_socket)}
}

lab_fencing() {
  no_more_arguments "${@:2}"
  case ${1:-} in
    on) fencing_on ;;
    off) fencing_off ;;
    *) wrong_usage "fencing takes on or off" ;;
  esac
}

fencing_on() {
  running_member >/dev/null
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  choose_socket
  step "Starting the fencing service" compose --profile fencing up -d --no-build --no-deps --wait docker-gate fencing
  say "✓ A leader whose container dies is fenced. Its decisions: scripts/lab logs fencing. Back: scripts/lab fencing off"
}

fencing_off() {
  if is_fenced; then
    step "Stopping the fencing service" compose --profile fencing rm --stop --force fencing docker-gate
  fi
  say "✓ Nothing is fenced: the lock of a dead leader ends with its TTL."
}
