# shellcheck shell=bash
# Parts of the lab that are there when somebody asks for them. Each has a compose file infra/NAME/compose.yml over docker-compose.yml,
# and infra/NAME/debian.yml for images of its own where the lab's come from Debian. LAB_PROFILES in .env names those that are on.

all_profiles=(edge pooler)

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
  local name file
  for name in "${all_profiles[@]}"; do
    is_on "$name" || continue
    for file in "infra/$name/compose.yml" ${image_set:+"infra/$name/$image_set.yml"}; do
      [[ ! -f $file ]] || echo "$file"
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
