# shellcheck shell=bash
# `scripts/lab chaos`: hands over to the TypeScript tool with the lab's ports and passwords in its environment.

lab_chaos() {
  # shellcheck source=/dev/null
  source scripts/lib/packages.sh
  install_npm_packages >&2
  export_environment
  # No npx in between: Ctrl-C must reach the tool, which heals the lab.
  CALLER_DIR=${caller:-.} exec node --import tsx apps/lab/src/main.ts "$@"
}
