# shellcheck shell=bash
# What every script needs; a missing program is named at once. This file runs on bash 3.2, which macOS has.
if [ -z "${BASH_VERSINFO-}" ] || [ "${BASH_VERSINFO[0]}${BASH_VERSINFO[1]}" -lt 44 ]; then
  echo "lab: bash 4.4 or newer is needed, this is ${BASH_VERSION-another shell}. macOS: brew install bash, then open a new terminal." >&2
  exit 1
fi
if ! command -v node >/dev/null; then
  echo "lab: Node.js is missing. Install version 20.19 or newer (macOS: brew install node; Debian: apt-get install nodejs npm)." >&2
  exit 1
fi
IFS=. read -r node_major node_minor _ <<<"$(node -p process.versions.node)"
if ((node_major < 20 || (node_major == 20 && node_minor < 19))); then
  echo "lab: Node.js 20.19 or newer is needed, this is $(node --version)." >&2
  exit 1
fi

# need PROGRAM…: stops with an instruction when a program is missing that only some commands need.
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null && continue
    echo "lab: $program is missing. $(way_to_get "$program")" >&2
    exit 1
  done
}

way_to_get() {
  case $1 in
    docker) echo "Install Docker Engine 20.10 or newer with its client and Compose 2.20 or newer (macOS: brew install --cask docker). As root on Debian, scripts/lab up does it." ;;
    kubectl) echo "Version 1.27 or newer (macOS: brew install kubectl; Debian 13: apt-get install kubernetes-client)." ;;
    kind) echo "It is at https://kind.sigs.k8s.io (macOS: brew install kind)." ;;
    *) echo "Install it from your system's packages (macOS: brew install $1; Debian: apt-get install $1)." ;;
  esac
}

# The lab listens on this machine only, so requests to it bypass the proxy of the environment. Other entries of NO_PROXY stay.
no_proxy=${no_proxy:-${NO_PROXY:-}}
no_proxy=127.0.0.1,localhost${no_proxy:+,$no_proxy}
export no_proxy NO_PROXY=$no_proxy
