# What script/package makes: a package for Debian, an image, notes of a release.
# shellcheck shell=bash

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH=$epoch
architecture=$(dpkg --print-architecture 2>/dev/null || echo amd64)

# The most that an image of a release may weigh, compressed.
image_limit=$((60 * 1000 * 1000))

# A package for a moment, of a program that is tested otherwise: it is quick to compress, and of any size.
quick=${JANJI_QUICK_PACKAGE:-}
level=${quick:+1}
level=${level:-9}

# put <mode> <file> <where>: a file of the package.
put() { install -D -m "$1" "$2" "$3"; }

# write <where>: standard input as a file of the package.
write() {
    mkdir -p "$(dirname "$1")"
    cat >"$1"
}

# Files that are made now are as old as what they are made of.
date_all() { find "$1" -exec touch --no-dereference --date="@$epoch" {} +; }

# Sets $stripped, the program without the names of its functions, and $sbom, the list of what it is made of.
prepare_program() {
    [ -x "$program" ] || fail "there is no program $program"
    have strip && have objdump || apt_install binutils || fail "strip is missing. Install the package binutils, then run this again."
    stripped=$package/janji
    strip --strip-all -o "$stripped" "$program"
    if [ -z "$sbom" ]; then
        sbom=$package/janji.cdx.json
        say "Listing what it is made of: a few seconds"
        script/sbom >"$sbom"
    fi
}

# --- Notes ----------------------------------------------------------------------------------------------------------

# The part of CHANGELOG.md about this version.
notes() {
    awk -v version="$version" '/^## /{ found = ($2 == version) } found' CHANGELOG.md
}

write_notes() {
    notes >"$1"
    [ -s "$1" ] || fail "CHANGELOG.md has nothing about $version"
    echo "$1"
}

# --- Debian ---------------------------------------------------------------------------------------------------------

pack_deb() {
    have dpkg-deb || fail "dpkg-deb is missing: a package for Debian is made on Debian or a relative of it"
    local tree=$package/deb file=$out/janji_${version}_$architecture.deb
    fill_deb "$tree"
    write_control "$tree"
    (cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    chmod 644 "$tree/DEBIAN/md5sums"
    date_all "$tree"
    # By one thread: several cut the file where it suits their number.
    dpkg-deb --root-owner-group -Zgzip -z"$level" --threads-max=1 --build "$tree" "$file" >&2
    echo "$file"
}

fill_deb() {
    local doc=$1/usr/share/doc/janji unit=$1/usr/lib/systemd/system/janji.service name
    put 755 "$stripped" "$1/usr/bin/janji"
    sed -e 's,/usr/local/bin/,/usr/bin/,; s,/usr/local/share/janji/,/usr/share/doc/janji/,' deploy/janji.service | write "$unit"
    put 644 deploy/debian/janji.sysusers "$1/usr/lib/sysusers.d/janji.conf"
    put 644 deploy/debian/janji.tmpfiles "$1/usr/lib/tmpfiles.d/janji.conf"
    put 600 deploy/debian/env "$1/etc/janji/env"
    for name in docs/*.md; do put 644 "$name" "$doc/${name#docs/}"; done
    for name in proxy/Caddyfile proxy/nginx.conf prometheus/alerts.yml; do put 644 "deploy/$name" "$doc/$name"; done
    put 644 SECURITY.md "$doc/SECURITY.md"
    put 644 "$sbom" "$doc/janji.cdx.json"
    notes | write "$doc/RELEASE.md"
    write_copyright "$doc/copyright"
    gzip -9n <CHANGELOG.md | write "$doc/NEWS.md.gz"
    write_debian_changelog | gzip -9n | write "$doc/changelog.gz"
}

write_copyright() {
    # An empty line of a paragraph is a dot.
    sed -n '/^Permission/,$p' LICENSE-MIT | sed 's/^$/./; s/^/ /' >"$package/mit"
    sed -e "/^@MIT@$/{r $package/mit" -e 'd}' deploy/debian/copyright | write "$1"
}

maintainer=${JANJI_MAINTAINER:-The Janji developers <packages@janji.example>}

write_debian_changelog() {
    printf 'janji (%s) unstable; urgency=medium\n\n  * RELEASE.md says what is new.\n\n -- %s  %s\n' \
        "$version" "$maintainer" "$(date --utc --date="@$epoch" --rfc-email)"
}

write_control() {
    local glibc size name
    # The oldest C library that has all that the program asks for.
    glibc=$(objdump -T "$stripped" | grep -oE 'GLIBC_[0-9.]+' | sed 's/^GLIBC_//' | sort -uV | tail -n 1)
    size=$(du --apparent-size -sk "$1" | cut -f1)
    write "$1/DEBIAN/control" <<TEXT
Package: janji
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $size
Depends: libc6 (>= $glibc), libgcc-s1, ca-certificates, systemd, tzdata
Recommends: postgresql (>= 15)
Suggests: caddy | nginx
Section: web
Priority: optional
Description: appointment booking for clinics
 Patients find a doctor, hold a time and book it; doctors and the desk plan,
 confirm and move. A time that was given to a patient is that patient's.
 .
 Janji uses a PostgreSQL that it is given, or runs a cluster of its own with
 the programs of the package postgresql.
TEXT
    echo /etc/janji/env | write "$1/DEBIAN/conffiles"
    for name in postinst prerm postrm; do put 755 "deploy/debian/$name" "$1/DEBIAN/$name"; done
}

# --- The image ------------------------------------------------------------------------------------------------------

# In a store of its own, so that nothing is left behind, and two of them do not meet.
buildah_here() {
    buildah --root "$package/storage" --runroot "$package/run" --storage-driver vfs "$@"
}

need_buildah() {
    have buildah && have jq && return
    apt_install buildah jq || fail "buildah is missing. Install the packages buildah and jq, then run this again."
}

pack_image() {
    need_buildah
    local context=$package/context file=$out/janji-$version-$architecture.image.tar.gz size
    mkdir -p "$context/root"
    fill_image "$context/root"
    cp deploy/Containerfile "$context/"
    date_all "$context"
    # The format of Docker: the other one has no HEALTHCHECK.
    quietly buildah_here bud --isolation chroot --format docker --layers=false --timestamp "$epoch" \
        --build-arg BASE="$base" --build-arg VERSION="$version" \
        --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || true)" --tag "janji:$version" "$context"
    quietly buildah_here push --disable-compression "janji:$version" "dir:$package/pushed"
    archive_image "$package/pushed" | gzip -"$level"n >"$file"
    size=$(stat -c %s "$file")
    if [ -n "$quick" ]; then
        say "The image has $((size / 1000000)) MB. What counts is that of a release: at most $((image_limit / 1000000))"
    elif [ "$size" -gt "$image_limit" ]; then
        fail "the image has $((size / 1000000)) MB, and may have $((image_limit / 1000000)): $file"
    fi
    echo "$file"
}

fill_image() {
    local doc=$1/usr/share/doc/janji
    put 755 "$stripped" "$1/usr/bin/janji"
    put 644 LICENSE-MIT "$doc/LICENSE-MIT"
    put 644 LICENSE-APACHE "$doc/LICENSE-APACHE"
    if [ "$base" != scratch ]; then
        put 644 "$sbom" "$doc/janji.cdx.json"
        return
    fi
    fill_base "$1"
    sbom_with_base | write "$doc/janji.cdx.json"
}

# What a program needs beside itself, where there is nothing: its libraries, whom to trust, what time it is where.
fill_base() {
    local library name
    ldd "$stripped" | grep -oE '/[^ ]+' | while read -r library; do
        put 755 "$(realpath "$library")" "$1$library"
    done
    put 644 /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"
    mkdir -p "$1/usr/share"
    cp -rL /usr/share/zoneinfo "$1/usr/share/zoneinfo"
    # The same zones again, for clocks that count leap seconds and for clocks that do not.
    rm -rf "$1/usr/share/zoneinfo/right" "$1/usr/share/zoneinfo/posix"
    printf 'root:x:0:0:root:/:/nonexistent\njanji:x:10001:10001:Janji:/:/nonexistent\n' | write "$1/etc/passwd"
    printf 'root:x:0:\njanji:x:10001:\n' | write "$1/etc/group"
    printf 'hosts: files dns\n' | write "$1/etc/nsswitch.conf"
    for name in "${base_packages[@]}"; do
        [ ! -e "/usr/share/doc/$name/copyright" ] || put 644 "/usr/share/doc/$name/copyright" "$1/usr/share/doc/$name/copyright"
    done
}

# Where those come from.
base_packages=(ca-certificates libc6 libgcc-s1 tzdata)

sbom_with_base() {
    local list
    list=$(dpkg-query --show --showformat '${Package}|${Version}\n' "${base_packages[@]}" 2>/dev/null) || true
    jq --arg list "$list" '.components += [$list | split("\n")[] | select(. != "") | split("|") | {
        type: "library", "bom-ref": ("pkg:deb/debian/" + .[0] + "@" + .[1]), name: .[0], version: .[1],
        purl: ("pkg:deb/debian/" + .[0] + "@" + .[1])
    }]' "$sbom"
}

# archive_image <folder>: what buildah has pushed, as `docker load` reads it. What was true of its build alone is left out: the
# names that the build's container had.
archive_image() {
    local archive=$package/archive digest layers=() name blob
    mkdir -p "$archive"
    digest=$(jq -r '.config.digest | sub("^sha256:"; "")' "$1/manifest.json")
    jq -c 'del(.container, .container_config) | .config.Hostname = ""' "$1/$digest" >"$package/config"
    name=$(sha256sum "$package/config" | cut -d' ' -f1).json
    mv "$package/config" "$archive/$name"
    while read -r blob; do
        # As it is unpacked: the whole archive is compressed once.
        gzip -dcf "$1/$blob" >"$package/layer"
        digest=$(sha256sum "$package/layer" | cut -d' ' -f1)
        mv "$package/layer" "$archive/$digest.tar"
        layers+=("$digest.tar")
    done < <(jq -r '.layers[].digest | sub("^sha256:"; "")' "$1/manifest.json")
    jq -nc --arg config "$name" --arg tag "janji:$version" \
        '[{Config: $config, RepoTags: [$tag], Layers: $ARGS.positional}]' --args "${layers[@]}" >"$archive/manifest.json"
    (cd "$archive" && tar --create --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode=a=r \
        --format=ustar -- *)
}
