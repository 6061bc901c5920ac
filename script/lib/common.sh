# Sourced first by every script in script/. Everything that is fetched or built on the way is kept outside the clone, under
# $cache, so that a fresh clone starts with what an earlier one has made.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/janji
tools=$cache/tools
target=${CARGO_TARGET_DIR:-$cache/target}
mkdir -p "$tools" "$target"
cd "$root"

say() { printf '%s\n' "$*" >&2; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# One installation at a time, also when two scripts start together.
alone() {
    (
        flock 9
        "$@" 9>&-
    ) 9>"$cache/install.lock"
}

# A hash of everything that the files and folders named hold.
hash_of() {
    local path existing=()
    for path in "$@"; do [ -e "$path" ] && existing+=("$path"); done
    find "${existing[@]}" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# Prints the comment at the head of a script, which says how it is used.
usage() { sed -n '2,/^[^#]/s/^#\( \|$\)//p' "$0"; }

source "$root/script/lib/progress.sh"
source "$root/script/lib/packages.sh"
source "$root/script/lib/wasm.sh"
source "$root/script/lib/tools.sh"
source "$root/script/lib/build.sh"
source "$root/script/lib/database.sh"
