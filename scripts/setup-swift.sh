#!/usr/bin/env bash
# Sees to it that there is a Swift for scripts/swift-run.
#
# Where `swift` is on PATH (macOS, an image with Swift in it) nothing is installed. On Debian, as root, the
# `swiftlang` of Debian 13 is unpacked into a folder, a small Debian system of its own that the machine's own
# packages never see: TINY_COUNTER_SWIFT, or tiny-counter/swift in the cache folder. A finished folder is kept.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${TINY_COUNTER_SWIFT:-${XDG_CACHE_HOME:-$HOME/.cache}/tiny-counter/swift}
suite=trixie
# Swift needs a C++ compiler's headers, and its debugger ncurses, beside what its package asks for.
packages="swiftlang libc6-dev g++ libncurses6"
log=$root.log

say() { printf 'setup-swift: %s\n' "$*" >&2; }
shown() { "$@" >>"$log" 2>&1 || { tail -n 20 "$log" >&2; say "failed; all of it is in $log"; exit 1; }; }

if command -v swift >/dev/null && swift --version 2>/dev/null | grep -q 'Swift version'; then exit 0; fi
if [ -e "$root/.ready" ] && [ "$(cat "$root/.ready")" = "$suite $packages" ]; then exit 0; fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    say "no Swift on PATH, and only root on a Debian machine can have it installed from here:"
    say "install Swift 6.0 from its makers"
    exit 1
fi

mirror=$("$here/debian-mirror.sh")
mkdir -p "$(dirname "$root")"
: >"$log"
if ! command -v debootstrap >/dev/null; then
    shown apt-get update --quiet=2
    DEBIAN_FRONTEND=noninteractive shown apt-get install --yes --quiet=2 --no-install-recommends debootstrap
fi

# Built beside its place and renamed at the end: a folder that was cut off never counts.
part=$root.part
rm -rf --one-file-system "$part" "$root"
say "unpacking Debian $suite into $root"
shown unshare --mount --propagation private -- debootstrap --variant=minbase "$suite" "$part" "$mirror"
say "installing $packages"
export TINY_COUNTER_SWIFT=$part
shown "$here/swift-run" --inside sh -c "
    export DEBIAN_FRONTEND=noninteractive
    apt-get install --yes --quiet=2 --no-install-recommends $packages && apt-get clean"
printf '%s %s\n' "$suite" "$packages" >"$part/.ready"
mv "$part" "$root"
TINY_COUNTER_SWIFT=$root "$here/swift-run" swift --version >&2
