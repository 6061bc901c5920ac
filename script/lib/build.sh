# The two halves of the program: what the browser loads, and the server.
# shellcheck shell=bash

# Whoever changes a query runs script/prepare; everybody else builds without a database.
export SQLX_OFFLINE=${SQLX_OFFLINE:-true}

wasm_limit=$((150 * 1024))

# How long the page's WebAssembly takes the first time.
page_minutes=4

# The optimiser is told what browsers have: with more than this they refuse the module.
wasm_features=(--enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-reference-types
    --enable-sign-ext --enable-mutable-globals --enable-multivalue)

# The server's half and the browser's are built by different compilers on some machines: each has its own folder.
server_target=$target/server
site=$target/site
bound=$wasm_target/bound

build_site() {
    need_wasm
    need_bindgen
    need_web_tools
    build_wasm
    local stamp
    stamp="$(hash_of style public script/tools "$bound") $wasm_limit"
    if [ "$(cat "$target/site.stamp" 2>/dev/null)" != "$stamp" ] || ! [ -d "$site/pkg" ]; then
        say "Putting the site together in $site (a few seconds)"
        rm -f "$target/site.stamp"
        mkdir -p "$site"
        node script/tools/site.mjs --modules "$web_tools" --bound "$bound" --site "$site" --limit "$wasm_limit"
        # A program that was compiled before there were files does not know that there are.
        touch src/server/site.rs
        echo "$stamp" >"$target/site.stamp"
    fi
}

build_wasm() {
    local module=$wasm_target/$wasm/wasm-release/janji.wasm
    [ "$(cat "$bound/stamp" 2>/dev/null)" != "$(wasm_stamp)" ] || return 0
    local time="half a minute"
    [ -e "$module" ] || time="about $(minutes "$page_minutes"), the first time"
    compile "Building the page's WebAssembly" "$time" wasm_cargo build --profile wasm-release
    # Often a change touches only what the server makes of the same files.
    if ! cmp -s "$module" "$bound/built.wasm"; then
        rm -rf "$bound"
        mkdir -p "$bound"
        "$bindgen" --target web --no-typescript --out-dir "$bound" "$module"
        say "Optimising it (20 seconds)"
        quietly "$web_tools/.bin/wasm-opt" -Oz "${wasm_features[@]}" "$bound/janji_bg.wasm" -o "$bound/optimised.wasm"
        mv "$bound/optimised.wasm" "$bound/janji_bg.wasm"
        cp "$module" "$bound/built.wasm"
    fi
    # The compiler lists the files that it read.
    sed -n '1s/^[^:]*: //p' "${module%.wasm}.d" | tr ' ' '\n' | sed "s,^$root/,," >"$bound/sources"
    wasm_stamp >"$bound/stamp"
}

# A hash of what the WebAssembly is made of: most of src is the server's alone.
wasm_stamp() {
    local file sources=()
    mapfile -t sources < <(cat "$bound/sources" 2>/dev/null)
    for file in "${sources[@]}"; do
        [ -e "$file" ] || sources=()
    done
    [ ${#sources[@]} -gt 0 ] || sources=(src)
    echo "$(hash_of "${sources[@]}" Cargo.toml Cargo.lock .cargo script/lib/{build,wasm}.sh) $wasm_rust"
}

# Cargo sees by the time of its files what has changed. Those of another clone that was built in the same folder may be newer
# than ours without being ours, so all packages count as changed when it is another clone's turn.
if [ "$(cat "$target/clone" 2>/dev/null)" != "$root" ]; then
    touch -c src/{lib,main}.rs {engine,torture}/src/{lib,main}.rs {.,engine}/tests/*.rs benches/load/main.rs
    echo "$root" >"$target/clone"
fi

# The compiler takes the page's files from here into the program. Where cargo-leptos has made a folder, it stays.
mkdir -p target
[ -d target/site ] && [ ! -L target/site ] || ln -sfn "$site" target/site

# server_cargo build|test|clippy …: cargo for everything but the browser's half.
server_cargo() { CARGO_TARGET_DIR=$server_target cargo "$@"; }

# build_programs [--release] NAME…: builds these programs, and sets $programs, the folder that they are in.
build_programs() {
    need_rust
    local name options=(--workspace --examples) kind=debug
    if [ "${1:-}" = --release ]; then
        options+=(--release)
        kind=release
        shift
    fi
    for name in "$@"; do options+=(--bin "$name"); done
    programs=$server_target/$kind
    local what="Building the server" time
    if [ -x "$programs/janji" ]; then
        what="Building what has changed of the server"
        time="a minute at most, mostly nothing"
    else
        [ "$kind" = debug ] || what+=" with optimisations"
        time="about $(minutes "$(server_minutes "$kind")"), the first time"
    fi
    # There are no examples. Asked for them, cargo chooses the features of dependencies as for tests, so that whatever is
    # built here, all dependencies are compiled once.
    compile "$what" "$time" server_cargo build "${options[@]}"
}

server_minutes() { if [ "$1" = release ]; then echo 14; else echo 6; fi; }

minutes() { if [ "$1" = 1 ]; then echo "a minute"; else echo "$1 minutes"; fi; }

# announce [--release] [--site-only]: says what a build has to make that is not there yet, and how long all of it takes on
# two cores.
announce() {
    local kind=debug list=() sum=0 part site_only=
    for part in "$@"; do
        case $part in
        --release) kind=release ;;
        --site-only) site_only=1 ;;
        esac
    done
    has_rust_for_wasm || missing "Rust's standard library for $wasm" 2
    has_bindgen || missing wasm-bindgen 3
    has_npm_modules script/tools web || missing "npm packages" 1
    [ -e "$wasm_target/$wasm/wasm-release/janji.wasm" ] || missing "the page's WebAssembly" "$page_minutes"
    [ -n "$site_only" ] || [ -x "$server_target/$kind/janji" ] || missing "the server" "$(server_minutes "$kind")"
    [ ${#list[@]} -gt 0 ] || return 0
    say "To be made, once; on two cores it takes about $(minutes "$sum"):"
    for part in "${list[@]}"; do say "  $part"; done
}

# missing <what> <minutes>: one more part for `announce`.
missing() {
    list+=("$1: about $(minutes "$2")")
    sum=$((sum + $2))
}
