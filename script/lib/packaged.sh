# What `script/test package` makes of the packages: installs and runs them as others will.
# shellcheck shell=bash

admin=you@clinic.example
admin_password='a quiet room of our own'

# How long a program may take to be ready, and to stop, in tenths of a second.
patience=600

# until_it <command>: asks until it is so.
until_it() {
    local tries
    for tries in $(seq "$patience"); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    say "Not so after $tries tries: $*"
    return 1
}

free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

first_day() { JANJI_ADMIN_PASSWORD=$admin_password node script/tools/first-day.mjs "$1" "$admin" >&2; }

# pack_twice <deb|image> <list>: packs into two folders, and compares what is in them.
pack_twice() {
    local turn
    for turn in first second; do
        JANJI_QUICK_PACKAGE=1 script/package "$1" --program "$work/janji" --sbom "$2" --out "$work/$turn" >/dev/null || return 1
        # Of the next second, if the time of packing were in it.
        sleep 1
    done
    cmp "$work"/first/janji[-_]*"${kinds[$1]}" "$work"/second/janji[-_]*"${kinds[$1]}"
}

declare -A kinds=([deb]=.deb [image]=.image.tar.gz)

# The unit as it is in the package.
unit_is_hardened() {
    local unit=$work/unit/janji.service
    mkdir -p "$work/unit"
    dpkg-deb --fsys-tarfile "$work"/first/*.deb | tar -xO ./usr/lib/systemd/system/janji.service >"$unit" || return 1
    # Tenths.
    systemd-analyze security --offline=true --threshold=20 "$unit" >"$work/exposure" || {
        tail -n 1 "$work/exposure" >&2
        return 1
    }
}

# --- The package for Debian, on this machine with another disk ----------------------------------------------------------------

# can_mount: whether this machine lets us give processes other disks, as an installation and a container need.
can_mount() {
    if [ "$(id -u)" = 0 ] && unshare --mount --pid --fork mount -t tmpfs tmpfs /mnt 2>/dev/null; then return; fi
    say "Nobody may mount anything on this machine: it is packed, and not installed or run"
    return 1
}

# Everything that is written goes into memory and is gone with the last process of it.
deb_is_installed() {
    can_mount || return 0
    mkdir -p "$work/machine"
    unshare --mount --pid --fork --kill-child bash "$root/script/lib/packaged.sh" "$work"/first/*.deb "$work/machine" "$(free_port)"
}

# on_machine <command>: a command of the machine on which the package is installed.
on_machine() { chroot "$machine" "$@"; }

# Sets $service, what the unit puts before a command: its user, and what it sets.
find_service() {
    local settings=() line
    while read -r line; do settings+=("$line"); done < <(
        setting Environment
        grep -vE '^(#|$)' "$machine$(setting EnvironmentFile | sed 's/^-//')"
    )
    service=(chroot "$machine" setpriv "--reuid=$(setting User)" "--regid=$(setting Group)" --clear-groups --no-new-privs
        --bounding-set=-all env -i --chdir=/ PATH=/usr/bin:/bin "${settings[@]}")
}

as_service() { "${service[@]}" "$@"; }

setting() { sed -n "s/^$1=//p" "$machine/usr/lib/systemd/system/janji.service"; }

install_and_run() {
    local deb=$1 server code=0 readable
    machine=$2/root
    mount -t tmpfs tmpfs "$2"
    mkdir "$2"/{root,written,work}
    mount -t overlay overlay -o "lowerdir=/,upperdir=$2/written,workdir=$2/work" "$machine"
    mount -t proc proc "$machine/proc"
    mount --bind /dev "$machine/dev"
    mount -t tmpfs tmpfs "$machine/tmp"
    mount -t tmpfs tmpfs "$machine/dev/shm"
    # A machine on which nobody has tried this by hand.
    rm -rf "$machine/var/lib/janji" "$machine/etc/janji"
    cp "$deb" "$machine/tmp/janji.deb"

    quietly on_machine dpkg --install /tmp/janji.deb
    readable=$(find "$machine/etc/janji" "$machine/var/lib/janji" -type f -perm /007)
    [ -z "$readable" ] || fail "everybody can read $readable"
    [ "$(stat -c '%a %U' "$machine/etc/janji/env")" = "600 root" ] || fail "/etc/janji/env is not root's alone"
    [ "$(on_machine stat -c '%a %U' /var/lib/janji)" = "700 janji" ] || fail "/var/lib/janji is not the user's alone"
    printf 'JANJI_ADDR=127.0.0.1:%s\nJANJI_SHUTDOWN_PAUSE=6\nRUST_LOG=warn\n' "$3" >>"$machine/etc/janji/env"
    find_service
    [ "$(as_service janji --version)" = "$(on_machine dpkg-query --show --showformat 'janji ${Version}' janji)" ] ||
        fail "the program has another version than its package"

    # As ProtectSystem=strict and StateDirectory= say.
    mount --bind "$machine/var/lib/janji" "$machine/var/lib/janji"
    mount -o remount,bind,ro "$machine"
    # shellcheck disable=SC2046
    (umask "$(setting UMask)" && exec "${service[@]}" $(setting ExecStart)) >"$2/log" 2>&1 &
    server=$!
    until_it as_service janji health --ready || { cat "$2/log" >&2; fail "the service does not start"; }
    as_service env JANJI_ADMIN_PASSWORD="$admin_password" janji admin --email "$admin" --name Admin >&2
    first_day "http://127.0.0.1:$3"
    as_service janji verify >/dev/null || fail "verify has found something"
    as_service janji backup --to /tmp/one.sql.gz >&2 || fail "there is no backup"

    # What is told to stop is not ready any more, and answers.
    kill -TERM "$server"
    until_it eval '! as_service janji health --ready' || fail "it is ready after SIGTERM"
    as_service janji health >/dev/null || fail "it does not answer after SIGTERM"
    wait "$server" || code=$?
    [ "$code" = 0 ] || { cat "$2/log" >&2; fail "it ended with $code"; }
    ! on_machine pgrep -u janji >/dev/null || fail "something of it still runs"

    # The machine is lost. The other one is new, or somebody has looked at the program there already.
    restored /tmp/elsewhere
    as_service env JANJI_DATA_DIR=/tmp/begun janji migrate >&2 || fail "the tables of another machine cannot be made"
    restored /tmp/begun

    mount -o remount,bind,rw "$machine"
    umount "$machine/var/lib/janji"
    removed
}

# restored <data directory>: what was backed up is there again, whole and paused.
restored() {
    local said
    said=$(as_service env JANJI_DATA_DIR="$1" janji restore /tmp/one.sql.gz) || fail "the backup cannot be restored into $1"
    grep -q paused <<<"$said" || fail "the restored copy is not paused: $said"
    as_service env JANJI_DATA_DIR="$1" janji verify >/dev/null || fail "verify has found something in $1"
    ! on_machine pgrep -u janji >/dev/null || fail "something of $1 still runs"
}

# Settings go with the program; appointments do not, unless that is said.
removed() {
    quietly on_machine dpkg --purge janji
    [ ! -e "$machine/etc/janji" ] || fail "/etc/janji is there after the purge"
    [ -d "$machine/var/lib/janji/postgres" ] || fail "the purge has deleted the data"
    quietly on_machine dpkg --install /tmp/janji.deb
    quietly on_machine env JANJI_PURGE_DATA=yes dpkg --purge janji
    [ ! -e "$machine/var/lib/janji" ] || fail "the data is there after it was asked to go"
}

# --- The image ------------------------------------------------------------------------------------------------------

# Containers and images of this run, and of nobody else.
podman_here() {
    podman --root "$work/podman" --runroot "$work/podman-run" --tmpdir "$work/podman-tmp" --storage-driver vfs \
        --cgroup-manager cgroupfs "$@"
}

need_packaging() {
    have podman && have runc && have buildah && have systemd-analyze && have jq && have strip && return
    apt_install podman runc buildah systemd jq binutils ca-certificates tzdata ||
        fail "podman is missing. Install the packages podman, runc and buildah, then run this again."
}

image_runs() {
    local port url code=0
    can_mount || return 0
    port=$(free_port)
    url="postgres:///packaged?host=${scratch//\//%2F}&port=5432&user=janji"
    # The user of the image comes to the socket.
    chmod 711 "$scratch"
    "$postgres_bin/createdb" --host "$scratch" --username janji packaged || return 1
    gzip -dc "$work"/first/*.image.tar.gz >"$work/image.tar"
    quietly podman_here load --input "$work/image.tar" || return 1
    quietly podman_here run --detach --name janji --pull never --runtime runc --no-healthcheck --network host --read-only \
        --cap-drop ALL --security-opt no-new-privileges --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 \
        --volume "$scratch:$scratch" --env JANJI_SHUTDOWN_PAUSE=6 --env DATABASE_URL="$url" --env JANJI_ADDR="127.0.0.1:$port" \
        --env JANJI_ADMIN_PASSWORD="$admin_password" "janji:$1" || return 1
    served_by_image "$port" || code=1
    [ "$code" = 0 ] || podman_here logs janji >&2
    podman_here rm --force janji >/dev/null 2>&1
    return "$code"
}

served_by_image() {
    local inside=(podman_here exec janji /usr/bin/janji) user
    until_it "${inside[@]}" health --ready || return 1
    user=$(podman_here inspect --format '{{.Config.User}}' janji)
    [ "$user" = 10001:10001 ] || { say "It runs as $user"; return 1; }
    "${inside[@]}" admin --email "$admin" --name Admin >&2 || return 1
    first_day "http://127.0.0.1:$1" || return 1
    "${inside[@]}" verify >/dev/null || return 1
    podman_here kill --signal TERM janji >/dev/null || return 1
    until_it eval '! podman_here exec janji /usr/bin/janji health --ready' || return 1
    "${inside[@]}" health >/dev/null || { say "It does not answer after SIGTERM"; return 1; }
    [ "$(podman_here wait janji)" = 0 ] || { say "It did not end in order"; return 1; }
}

# By itself it is what happens on the other machine.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
    install_and_run "$@"
fi
