# shellcheck shell=bash
# Parts of the lab that are there when somebody asks for them. Each has a compose file infra/NAME/compose.yml over docker-compose.yml,
# infra/NAME/debian.yml for images of its own where the lab's come from Debian, and infra/NAME/OTHER.yml for what it needs where OTHER is on,
# too, such as secure.yml for TLS. LAB_PROFILES in .env names those that are on.

all_profiles=(edge pooler backup s3 observability secure)

is_on() { [[ ,$(setting LAB_PROFILES | tr -d ' '), == *",$1,"* ]]; }

# is_there SERVICE: whether it has a container, perhaps of a command that was interrupted.
is_there() { docker container inspect "$(container "$1")" >/dev/null 2>&1; }

# remove_services SERVICE…: those that have a container.
remove_services() {
  local service containers=()
  for service in "$@"; do
    ! is_there "$service" || containers+=("$(container "$service")")
  done
  ((${#containers[@]} == 0)) || docker rm --force --volumes "${containers[@]}"
}

# The compose files of what is on, one a line, always in the same order.
profile_files() {
  local name file on=()
  for name in "${all_profiles[@]}"; do
    ! is_on "$name" || on+=("$name")
  done
  for name in "${on[@]}"; do
    for file in compose ${image_set:+"$image_set"} "${on[@]}"; do
      [[ ! -f infra/$name/$file.yml ]] || echo "infra/$name/$file.yml"
    done
  done
}

# switch_profile NAME on|off: writes it down; the containers follow with the next `compose up`.
switch_profile() {
  local name on=()
  for name in "${all_profiles[@]}"; do
    if [[ $name == "$1" ]]; then
      [[ $2 == off ]] || on+=("$name")
    elif is_on "$name"; then
      on+=("$name")
    fi
  done
  write_setting LAB_PROFILES "$(IFS=, && printf '%s' "${on[*]}")"
}

# How the published HTTP ports are asked.
url_scheme() { if is_on secure; then echo https; else echo http; fi; }

# Of this lab alone: two labs of one checkout have an authority each.
secure_folder=.lab/secure/$(setting LAB_NAME pg-ha-lab)

# Programs of this machine trust the lab's own authority, beside those that they trust already.
trust_lab() {
  local new=$secure_folder/trusted.$$
  is_on secure && [[ -f $secure_folder/authorities.crt ]] || return 0
  # Of the user or the system, for builds behind a proxy that re-signs TLS. Kept for the scripts that this one starts.
  export LAB_OTHER_AUTHORITIES=${LAB_OTHER_AUTHORITIES-${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}}
  export NODE_EXTRA_CA_CERTS=$PWD/$secure_folder/trusted.crt CURL_CA_BUNDLE=$PWD/$secure_folder/authorities.crt
  # In one step, for another command of the lab may read it now.
  cat "$secure_folder/authorities.crt" >"$new"
  [[ ! -f $LAB_OTHER_AUTHORITIES ]] || cat "$LAB_OTHER_AUTHORITIES" >>"$new"
  mv "$new" "$NODE_EXTRA_CA_CERTS"
}
trust_lab
