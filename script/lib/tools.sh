# Tools in versions of our own: wasm-bindgen, those of npm, schemathesis, those whom messages go to. They are kept in $tools.
# shellcheck shell=bash

# Sets $bindgen to a wasm-bindgen of exactly the version in Cargo.lock: any other refuses the module.
need_bindgen() {
    has_bindgen && return
    need_rust
    alone install_bindgen "$bindgen_version"
}

has_bindgen() {
    bindgen_version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
    bindgen=$tools/wasm-bindgen-$bindgen_version/bin/wasm-bindgen
    if ! [ -x "$bindgen" ] && have wasm-bindgen &&
        [ "$(wasm-bindgen --version)" = "wasm-bindgen $bindgen_version" ]; then
        bindgen=$(command -v wasm-bindgen)
    fi
    [ -x "$bindgen" ]
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
    local folder
    folder=$(npm_folder "$1" "$2")
    [ -e "$folder/ready" ] || alone install_npm_modules "$1" "$folder"
    echo "$folder/node_modules"
}

has_npm_modules() { [ -e "$(npm_folder "$1" "$2")/ready" ]; }

npm_folder() { echo "$tools/npm/$2-$(sha256sum "$1/package-lock.json" | cut -c1-12)"; }

install_npm_modules() {
    [ -e "$2/ready" ] && return
    say "Installing the npm packages of ${1#"$root"/} (half a minute)"
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
    say "Installing schemathesis $1 (half a minute)"
    # The program is the last thing that is written, so that there is none when this is interrupted.
    install_from_pip "$tools/schemathesis-$1" "schemathesis==$1"
}

# install_from_pip <folder> <what pip is told>: a Python of its own with these packages.
install_from_pip() {
    local folder=$1
    shift
    rm -rf "$folder"
    # Debian's Python comes without the module.
    python3 -m venv "$folder" >/dev/null 2>&1 ||
        { apt_install python3-venv && quietly python3 -m venv --clear "$folder"; } ||
        fail "Python with venv is missing. Install the package python3-venv, then run this again."
    quietly "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# Sets $judge_python, a Python with those to whom messages go: a mail server, a calendar, the libraries of gateways.
need_judge() {
    local list=script/tools/messages/requirements.txt folder
    folder=$tools/judge-$(sha256sum "$list" | cut -c1-12)
    judge_python=$folder/bin/python
    [ -e "$folder/ready" ] || alone install_judge "$folder" "$list"
}

install_judge() {
    [ -e "$1/ready" ] && return
    say "Installing a mail server, a calendar and the libraries of gateways and providers (half a minute)"
    install_from_pip "$1" --requirement "$2"
    touch "$1/ready"
}

# judge <options>: judges the messages of $programs/janji, on the scratch database.
judge() {
    local -x PYTHONDONTWRITEBYTECODE=1
    "$judge_python" script/tools/messages/judge.py --program "$programs/janji" "$@"
}

# Sets $cargo_deny, which checks licences, sources and advisories of crates; fails where it is not here and cannot be built.
need_cargo_deny() {
    local version=0.20.2
    cargo_deny=$tools/cargo-deny-$version/bin/cargo-deny
    [ -x "$cargo_deny" ] && return
    if have cargo-deny; then
        cargo_deny=$(command -v cargo-deny)
        return
    fi
    need_rust
    alone install_cargo_deny "$version" || return 1
    [ -x "$cargo_deny" ]
}

install_cargo_deny() {
    [ -x "$cargo_deny" ] && return
    say "Building cargo-deny $1, once (some minutes)"
    local code=0
    # As quick to build as it gets: it reads a lock file.
    (cd / && CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$tools/build quietly cargo install cargo-deny \
        --version "$1" --locked --profile dev --root "$tools/cargo-deny-$1") || code=$?
    rm -rf "$tools/build"
    return "$code"
}
