# A compiler for WebAssembly, and `wasm_cargo`, which uses it.
# shellcheck shell=bash

wasm=wasm32-unknown-unknown
wasm_target=$target/wasm

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

has_rust_for_wasm() { { have rustc && has_wasm rustc; } || debian_sysroot_ready; }

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

# wasm_cargo build|check|clippy …: cargo for the browser's half of the program.
wasm_cargo() {
    local command=$1
    shift
    local args=(--package janji --target "$wasm" --no-default-features --features hydrate --lib "$@")
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
