# What script/test keeps count of: passed and failed, the time of each check, the slowest tests.
# shellcheck shell=bash

passed=0
failed=0
times=()
finished=
work=

# Makes the folder of a run, which whoever ends it removes.
make_work() {
    work=$(mktemp -dt janji-test-XXXXXX)
    # The demo's PostgreSQL runs as another user when root runs this.
    chmod 711 "$work"
}

begin() {
    title=$1
    since=$EPOCHREALTIME
    say ""
    say "== $title"
}

end() {
    local took=$((${EPOCHREALTIME/./} - ${since/./}))
    times+=("$(printf '%7.1f s  %s' "$((took / 100000))e-1" "$title")")
}

# check <command>: one check, passed or failed as the command is; says so as well.
check() {
    local code=0
    "$@" || code=1
    count $((1 - code)) "$code" "$code"
    return "$code"
}

# count <passed> <failed> <code>: what a runner says it did; one that ends badly without a failure is one.
count() {
    local failures=$2
    if [ "$3" != 0 ] && [ "$2" = 0 ]; then
        failures=1
    fi
    passed=$((passed + $1))
    failed=$((failed + failures))
    if [ "$failures" != 0 ]; then
        say "failed: $title"
        printf '%s\n' "$title" >>"$work/failures"
    fi
    end
}

# count_results <file> <code>: what is in the results of nextest or Playwright.
count_results() {
    local counts=(0 0)
    if [ -s "$1" ]; then
        read -r -a counts < <(node script/tools/results.mjs "$1" "$work/slowest" "$work/failures")
    fi
    count "${counts[@]}" "$2"
}

# Ends with what was found.
report() {
    printf '\n'
    if [ -s "$work/slowest" ]; then
        printf 'The slowest tests\n'
        sort -rn "$work/slowest" | head -n 10
        printf '\n'
    fi
    if [ -s "$work/failures" ]; then
        # Near the end, where whoever is shown only the end of all this finds it.
        printf 'What failed\n'
        sed 's/^/  /' "$work/failures"
        printf '\n'
    fi
    [ ${#times[@]} = 0 ] || printf '%s\n' "${times[@]}" "$(printf '%7d s  in all' "$SECONDS")"
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}
