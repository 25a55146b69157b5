# shellcheck shell=bash
# Sourced by tests/run, bench/run and .ci/run, with PROGRAM set: what their parts need, and how a part is run and timed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "$PROGRAM: $*" >&2
  exit 1
}

# ---- What the parts need: installed, or named and a failure ----

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "needs root or sudo for: $*"
  fi
}

apt_install() {
  command -v apt-get >/dev/null || fail "cannot install $*: there is no apt-get. Please install it by hand."
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@" || fail "apt-get cannot install $*"
}

# A program, and the package that has it where that is named otherwise.
need() {
  command -v "$1" >/dev/null || apt_install "${2-$1}"
}

need_rust() {
  command -v cargo >/dev/null || fail "needs cargo, which rustup (https://rustup.rs) installs"
  # SQLite is compiled into an example.
  command -v cc >/dev/null || apt_install gcc libc6-dev
}

need_node() {
  need node nodejs
  local version
  version=$(node --version)
  [ "$(echo "${version#v}" | cut -d. -f1)" -ge 20 ] || fail "needs Node 20 or newer, not $version"
}

# The packages of a folder's package-lock.json.
need_node_packages() {
  need_node
  need npm
  # Not again for every run: a part may be one of those between two edits.
  local lock=$1/package-lock.json made=$1/node_modules/made-from
  cmp -s "$lock" "$made" && return
  npm ci --prefix "$1" --no-audit --no-fund || fail "npm cannot install the packages of $lock"
  cp "$lock" "$made"
}

# ---- Parts: one function each, run by its name, and timed ----

# How many words each part of the command line may take, by its name there.
declare -A PARTS=()
current=
passed=()
times=()

# Runs the parts that the command line names, once it is known that there are all of them. The part --soak is the function
# run_soak; usage is the script's own.
run_parts() {
  case " $* " in
    *" --help "*) usage; exit ;;
  esac
  each_part : "$@"
  each_part step "$@"
}

# Calls a command with each part and the words that belong to it.
each_part() {
  local command=$1 part words
  shift
  while [ $# -gt 0 ]; do
    part=$1 words=()
    [ -n "${PARTS[$part]+known}" ] || unknown "$part"
    shift
    while [ $# -gt 0 ] && [ ${#words[@]} -lt "${PARTS[$part]}" ] && [ "${1#-}" = "$1" ] && [ -z "${PARTS[$1]+known}" ]; do
      words+=("$1")
      shift
    done
    "$command" "$part" "${words[@]}"
  done
}

unknown() {
  usage >&2
  fail "there is no $1"
}

# Runs the function of a part, or a command under its own name.
step() {
  local begin=$SECONDS function=run_${1#--}
  current=$*
  printf '\n==== %s ====\n' "$*"
  # No condition around them, in which bash would not stop at a failure.
  if declare -F "$function" >/dev/null; then
    "$function" "${@:2}"
  else
    "$@"
  fi
  passed+=("$*")
  times+=($((SECONDS - begin)))
  current=
  printf '==== %s: passed in %s ====\n' "$*" "$(minutes "${times[-1]}")"
}

minutes() {
  printf '%d:%02d min' $(($1 / 60)) $(($1 % 60))
}

# What passed, with its time, and where it failed.
summary() {
  local status=$? index
  if [ ${#passed[@]} -gt 0 ]; then
    printf '\n'
    for index in "${!passed[@]}"; do
      printf '%10s  %s\n' "$(minutes "${times[$index]}")" "${passed[$index]}"
    done
    printf '%10s  in all\n' "$(minutes "$SECONDS")"
  fi
  if [ "$status" != 0 ]; then
    printf '\n%s: FAILED in %s\n' "$PROGRAM" "${current:-the command line}" >&2
  elif [ ${#passed[@]} -gt 0 ]; then
    printf '\n%s: passed\n' "$PROGRAM"
  fi
}
trap summary EXIT
