# What takes long says so: beforehand how long, meanwhile how far it is, at its end how long it took.
# shellcheck shell=bash

# Seconds between two lines about the same work.
pulse=10

# 75 -> 1:15
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# last_said <log>: what a log ends with, in a line without colours. Of cargo it is how many of how many, and which.
last_said() {
    tail -c 4000 "$1" 2>/dev/null | tr '\r' '\n' |
        sed -n 's/\x1b\[[0-9;]*[A-Za-z]//g; s/^ *//; s/ *$//; /./p' | tail -n 1 |
        sed -E 's,^Building \[[=> ]*\] ([0-9]+)/([0-9]+)(: )?,\1 of \2\3,' | cut -c1-90
}

# pulse_of <log> <whose>: says how far it is, for as long as the process <whose> lives.
pulse_of() {
    local since=$SECONDS next=$((SECONDS + pulse)) said never
    # Nothing is ever read from here: it waits without a process of its own that could outlive this one.
    exec {never}<> <(:)
    while ! read -rt 1 -u "$never" && kill -0 "$2" 2>/dev/null; do
        [ "$SECONDS" -ge "$next" ] || continue
        said=$(last_said "$1")
        say "  $(clock $((SECONDS - since)))  ${said:-working}"
        next=$((SECONDS + pulse))
    done
}

# into <log> <command>: runs a command whose output goes into a file. What takes long is heard of meanwhile.
into() {
    local log=$1 code=0 teller
    shift
    # Cargo counts for those, too, who have no terminal.
    local -x CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=100 CARGO_TERM_COLOR=never
    pulse_of "$log" "$BASHPID" &
    teller=$!
    "$@" >"$log" 2>&1 || code=$?
    kill "$teller" 2>/dev/null || true
    wait "$teller" 2>/dev/null || true
    return "$code"
}

# Runs a command silently, but for how far it is. Its output is shown only when it fails.
quietly() {
    local log code=0
    log=$(mktemp)
    into "$log" "$@" || code=$?
    [ "$code" = 0 ] || without_progress "$log" | tail -n 40 >&2
    rm -f "$log"
    return "$code"
}

# compile <what> <how long it takes> <command of cargo>: shows what cargo warns of and fails with. On a terminal it draws
# its own bar; elsewhere its hundreds of lines become one every few seconds.
compile() {
    local since=$SECONDS log code=0
    say "$1: $2"
    shift 2
    if [ -t 2 ]; then
        "$@" || return
    else
        log=$(mktemp)
        into "$log" "$@" || code=$?
        without_progress "$log" >&2
        rm -f "$log"
        [ "$code" = 0 ] || return "$code"
    fi
    say "  $(clock $((SECONDS - since)))  done"
}

# What a log holds beside the progress of cargo.
without_progress() {
    sed -E 's/^.*\r//; s/\x1b\[[0-9;]*[A-Za-z]//g' "$1" |
        grep -vE '^ *(Adding|Blocking|Checking|Compiling|Downloaded|Downloading|Finished|Fresh|Locking|Updating) ' || true
}
