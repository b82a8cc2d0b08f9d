# shellcheck shell=bash
# `scripts/lab console`: the live page. It breaks the lab as `scripts/lab chaos` does, and needs the same environment.

lab_console() {
  # shellcheck source=/dev/null
  source scripts/lib/packages.sh
  install_npm_packages >&2
  [[ " $* " == *" --help "* || " $* " == *" -h "* ]] || step "Building the page" npm run --silent build:console
  export_environment
  # No npx in between: Ctrl-C must reach the program, which heals the lab.
  exec node --import tsx apps/lab/src/console.ts "$@"
}
