# shellcheck shell=bash
# Which images the lab runs on: upstream's, or the same set built from Debian packages (infra/debian).

export BASE_IMAGE=pg-ha-lab/base:trixie

have_image() { docker image inspect "$1" >/dev/null 2>&1; }

have_upstream() {
  local image images
  images=$(compose config --images etcd1 patroni1 haproxy redis) || return 1
  for image in $images; do
    have_image "$image" || return 1
  done
}

# A label on each image says what it was built from, so a changed Dockerfile builds again and nothing else does.
debian_inputs() { node scripts/lib/inputs.mjs infra/debian/Dockerfile infra/debian/patroni; }

have_debian() {
  local name inputs
  inputs=$(debian_inputs)
  for name in etcd haproxy node patroni redis; do
    [[ $(docker image inspect -f '{{index .Config.Labels "pg-ha-lab.inputs"}}' "pg-ha-lab/$name" 2>/dev/null) == "$inputs" ]] || return 1
  done
}

registry_answers() { node scripts/lib/within.mjs 8 docker manifest inspect "$(compose config --images etcd1 | head -n 1)" >/dev/null 2>&1; }

# choose_images auto|upstream|debian: sets image_set, and says why.
choose_images() {
  local why
  image_set=$1
  if [[ $1 != auto ]]; then
    why="asked for"
  elif [[ $(docker inspect -f '{{.Config.Image}}' "$(container patroni1)" 2>/dev/null) == pg-ha-lab/patroni ]]; then
    image_set=debian why="the lab's containers run on it"
  elif have_upstream; then
    image_set=upstream why="already here"
  elif have_debian; then
    image_set=debian why="already here"
  elif registry_answers; then
    image_set=upstream why="the registry answers"
  else
    image_set=debian why="no container registry answers"
  fi
  say "✓ Images: $image_set ($why)"
}

# The toolbox cuts networks in the drills. Both image sets need it, and no registry has it.
provide_toolbox() {
  have_image pg-ha-lab/toolbox && return
  provide_base_image
  step "Building the toolbox" compose build toolbox
}

provide_images() {
  if [[ $image_set == upstream ]]; then
    have_upstream || step "Pulling images" compose pull --quiet etcd1 patroni1 haproxy redis
    return
  fi
  compose_files+=(-f infra/debian/compose.yml)
  have_debian && return
  provide_base_image
  trust_system_certificates
  LAB_INPUTS=$(debian_inputs) step "Building images from Debian packages" compose build etcd1 haproxy node patroni1 redis
}

provide_base_image() {
  have_image "$BASE_IMAGE" && return
  if docker pull -q debian:trixie-slim >/dev/null 2>&1; then
    docker tag debian:trixie-slim "$BASE_IMAGE"
    return
  fi
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    die "No container registry answers; without one a base image can only be made as root on Debian or Ubuntu."
  fi
  if ! command -v debootstrap >/dev/null; then
    step "Installing debootstrap" install_packages debootstrap
  fi
  step "Making a Debian base image (no registry answers)" bootstrap_base_image
}

bootstrap_base_image() (
  root=$(mktemp -d)
  trap 'rm -rf --one-file-system "$root"' EXIT
  debootstrap --variant=minbase trixie "$root"
  tar -C "$root" -c . | docker import - "$BASE_IMAGE"
)

# npm does not use this machine's certificates during a build. Behind a proxy that re-signs TLS it needs them.
trust_system_certificates() {
  local system_ca=/etc/ssl/certs/ca-certificates.crt
  if [[ -z ${NODE_EXTRA_CA_CERTS:-} && -f $system_ca ]]; then
    export NODE_EXTRA_CA_CERTS=$system_ca
  fi
}

build_api() {
  trust_system_certificates
  # With attestations every build has another digest, cached or not, and each `up` would recreate the containers.
  BUILDX_NO_DEFAULT_ATTESTATIONS=1 compose build api1
}
