# A PostgreSQL to throw away, and the queries that are checked against it.
# shellcheck shell=bash

scratch=

# Starts a PostgreSQL that promises nothing, on a socket of its own, makes Janji's tables in it, and exports its
# DATABASE_URL. A second time it is there already.
need_scratch_database() {
    [ -z "$scratch" ] || return 0
    need_postgres
    need_web_tools
    scratch=$(mktemp -d "$(scratch_parent)/janji-scratch-XXXXXX")
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
        -c jit=off -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
        >"$scratch/log" 2>&1 </dev/null &
    scratch_pid=$!
    cd "$root"
    node script/tools/database.mjs --modules "$web_tools" --socket "$scratch" --migrations migrations || {
        tail -n 5 "$scratch/log" >&2
        fail "the scratch database could not be prepared"
    }
    export DATABASE_URL="postgres:///janji?host=${scratch//\//%2F}&port=5432&user=janji"
}

# In memory, where there is room: each test makes a database, which is three hundred files.
scratch_parent() {
    local room
    room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
    if [ "${room:-0}" -gt 4000000 ]; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi
}

stop_scratch_database() {
    # Who asks a second time does not stop this half-way.
    trap '' INT TERM HUP
    [ -n "$scratch" ] || return 0
    if [ -n "${scratch_pid:-}" ]; then
        kill -INT "$scratch_pid" 2>/dev/null || true
        wait "$scratch_pid" 2>/dev/null || true
    fi
    rm -rf "$scratch"
    scratch=
}

# A hash of what the answers in .sqlx depend on, and of themselves. All queries are the engine's.
query_stamp() { hash_of engine migrations .sqlx Cargo.lock; }

# check_queries <folder>: compiles every query against the scratch database, and keeps the answers in the folder. It has a
# target folder of its own, since the macros only ask while the engine is compiled: what is known of it is forgotten each
# time.
check_queries() {
    CARGO_TARGET_DIR=$target/queries cargo clean --quiet --package engine &&
        CARGO_TARGET_DIR=$target/queries SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$1 \
            cargo check --package engine --all-targets
}
