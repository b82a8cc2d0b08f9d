# shellcheck shell=bash
# How the lab talks: progress to stderr, answers to stdout.

say() { printf '%s\n' "$*" >&2; }

die() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

wrong_usage() {
  printf 'lab: %s. See: scripts/lab help\n' "$*" >&2
  exit 2
}

# Two labs of one checkout may be at work at once; which is meant then, the environment says.
step_log=.lab/step-${LAB_NAME:-lab}.log

# step TITLE COMMAND…: runs the command with its output in a log that is shown only when it fails.
# A terminal sees the seconds count; elsewhere there is a line at the start and one at the end.
step() {
  local title=$1 began=$SECONDS pid
  shift
  mkdir -p .lab
  "$@" >"$step_log" 2>&1 </dev/null &
  pid=$!
  # bash lets background commands ignore Ctrl-C, so it is passed on.
  trap 'kill "$pid" 2>/dev/null; say; exit 130' INT TERM
  if [[ -t 2 ]]; then
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r… %s (%ds) ' "$title" "$((SECONDS - began))" >&2
      sleep 0.2
    done
    printf '\r\e[K' >&2
  else
    say "… $title"
  fi
  if wait "$pid"; then
    trap - INT TERM
    say "✓ $title ($((SECONDS - began))s)"
  else
    say "✗ $title. The last lines:"
    tail -n 25 "$step_log" | sed 's/^/    /' >&2
    die "$title failed. When the cause is removed, run scripts/lab up again: it goes on from here."
  fi
}
