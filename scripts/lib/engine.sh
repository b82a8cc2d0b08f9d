# shellcheck shell=bash
# A Docker engine and Compose v2: found, or provided where that is possible without asking.

engine_answers() { docker version >/dev/null 2>&1; }

# The path of the engine's socket as a container mounts it. For a rootless engine it is the path that its client uses. An engine in a
# virtual machine (Docker Desktop, Colima, OrbStack) resolves the path inside that machine, not on the host.
engine_socket() {
  local address
  if [[ $(uname -s) == Linux && $(docker info -f '{{.SecurityOptions}}' 2>/dev/null) == *name=rootless* ]]; then
    address=$(docker context inspect -f '{{.Endpoints.docker.Host}}')
    [[ $address != unix://* ]] || { echo "${address#unix://}" && return; }
  fi
  echo /var/run/docker.sock
}

# An engine that answers is never touched.
provide_engine() {
  engine_answers && return
  [[ -z ${DOCKER_HOST:-} ]] || die "DOCKER_HOST is set, but no Docker engine answers there."
  if [[ $(docker version 2>&1 || true) == *"permission denied"* ]]; then
    die "You may not use the Docker engine: sudo usermod -aG docker $(id -un), then log in again."
  fi
  if ((EUID != 0)) || ! { command -v dockerd || command -v apt-get; } >/dev/null; then
    need docker
    die "No Docker engine answers. Start it, or install $(engine_to_install), with Compose 2.20 or newer."
  fi
  { command -v dockerd && command -v docker; } >/dev/null || step "Installing Docker (docker.io)" install_docker
  step "Starting the Docker engine" start_engine
}

# The client is a package of its own since Debian 13, and part of docker.io before.
install_docker() { install_packages docker.io docker-cli || install_packages docker.io; }

engine_to_install() {
  if [[ $(uname -s) == Darwin ]]; then
    echo "Docker Desktop, OrbStack or Colima (brew install --cask docker)"
  else
    echo "Docker Engine 20.10 or newer from your distribution's packages"
  fi
}

install_packages() {
  # Goes on when a third-party package source cannot be reached.
  apt-get update -qq || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

start_engine() {
  if [[ -d /run/systemd/system ]]; then
    systemctl start docker
  else
    forget_dead /run/docker.pid dockerd
    forget_dead /run/docker/containerd/containerd.pid containerd
    # In a session of its own, so that neither Ctrl-C nor the end of this shell stops it.
    setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &
  fi
  local _
  for _ in {1..60}; do
    engine_answers && return
    sleep 0.5
  done
  tail -n 20 /var/log/dockerd.log
  return 1
}

# A stale pid file names a process that is gone, a zombie (without `exe`) or, after a restart, another program.
forget_dead() {
  [[ -f $1 ]] || return 0
  [[ $(readlink "/proc/$(<"$1")/exe") == */"$2" ]] || rm -f "$1"
}

provide_compose() {
  docker compose version >/dev/null 2>&1 && return
  [[ $(uname -s) == Linux ]] || die "Docker Compose v2 is missing: install the docker compose plugin."
  provide_base_image
  step "Getting Docker Compose v2 from Debian's package" install_compose
}

# The package of Debian 12 is Compose v1. The binary of Debian 13 needs only libc ≥ 2.34, so it runs on Debian 12, too.
install_compose() {
  local folder=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins box
  # shellcheck disable=SC2016 # expands inside the container
  box=$(docker create "$BASE_IMAGE" sh -ec '
    apt-get update -qq && cd /tmp && apt-get download -qq docker-compose
    dpkg-deb --fsys-tarfile docker-compose_*.deb | tar -x --wildcards "*/cli-plugins/docker-compose" --transform "s,.*/,,"')
  docker start -a "$box"
  mkdir -p "$folder"
  docker cp "$box:/tmp/docker-compose" "$folder/docker-compose"
  docker rm -f "$box"
  docker compose version
}
