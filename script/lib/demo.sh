# Janjis with demo data to throw away, for what tests them from outside.
# shellcheck shell=bash

demos=()

# start_demo <folder for its data and its log>: exports JANJI_URL and JANJI_DATABASE_URL.
start_demo() {
    local port pid tries
    demo_log=$1/log
    mkdir -p "$1"
    chmod 711 "$1"
    # By itself in a folder: the program has all that its pages need.
    ln -f "$programs/janji" "$1/janji" 2>/dev/null || cp "$programs/janji" "$1/janji"
    port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
        console.log(s.address().port); s.close(); })')
    export JANJI_URL=http://127.0.0.1:$port
    # Every test asks for codes and makes holds from one address; who waits for a lock shall not wait for long.
    env --chdir="$1" -u DATABASE_URL JANJI_ADDR="127.0.0.1:$port" JANJI_DATA_DIR="$1/data" JANJI_PUBLIC_URL="http://localhost:$port" \
        JANJI_LOCK_TIMEOUT_MS=700 JANJI_OTP_PER_PHONE=0 JANJI_OTP_PER_ADDRESS=0 JANJI_OTP_OVERALL=0 JANJI_OTP_PER_PREFIX=0 JANJI_SIGN_INS=0 JANJI_OPEN_REQUESTS=0 JANJI_OPEN_APPOINTMENTS=0 JANJI_PHONES_PER_STAFF=0 \
        JANJI_HOLDS_PER_ADDRESS=0 JANJI_SESSIONS_PER_ADDRESS=0 JANJI_CONNECTIONS_PER_ADDRESS=0 JANJI_FHIR_PUBLISH=true ./janji serve --demo >"$demo_log" 2>&1 </dev/null &
    pid=$!
    demos+=("$pid")
    # Three minutes: beside other work, tables alone may take one.
    for tries in $(seq 1800); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            JANJI_DATABASE_URL=$(env -u DATABASE_URL JANJI_DATA_DIR="$1/data" "$programs/janji" database-url)
            export JANJI_DATABASE_URL
            return
        fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    say "Janji did not start (${tries} tries):"
    tail -n 20 "$demo_log" >&2
    return 1
}

stop_demos() {
    [ ${#demos[@]} -gt 0 ] || return 0
    kill -INT "${demos[@]}" 2>/dev/null || true
    wait "${demos[@]}" 2>/dev/null || true
    demos=()
}

# Prints a token of somebody in the demo with this role; nothing for who has not signed in.
demo_token() {
    local send=(curl -sf -H 'Content-Type: application/json') api=$JANJI_URL/api/v1 challenge code email
    case $1 in
    visitor) ;;
    patient)
        challenge=$("${send[@]}" "$api/auth/otp" -d '{"phone": "+6281255500781"}' | jq -r .data.challenge)
        code=$(curl -sf "$JANJI_URL/demo/messages.json" |
            jq -r 'map(select(.to == "+6281255500781"))[0].body' | grep -oE '[0-9]{6}')
        "${send[@]}" "$api/auth/otp/verify" -d "{\"challenge\": \"$challenge\", \"code\": \"$code\", \"name\": \"Fajar\"}" |
            jq -r .data.token
        ;;
    *)
        email=$1
        [ "$1" = admin ] || email=sari
        "${send[@]}" "$api/auth/login" -d "{\"email\": \"$email@demo.example\", \"password\": \"janji-demo\"}" | jq -r .data.token
        ;;
    esac
}
