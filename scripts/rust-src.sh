#!/usr/bin/env bash
# Prints the folder with the source of this rustc's standard library, to compile it for other targets.
#
# It is rustup's rust-src component where that is installed, else the rust-src package of the very same version
# from one of Debian's newer suites, unpacked (not installed) into the cache.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
component=$(rustc --print sysroot)/lib/rustlib/src/rust/library
if [ -e "$component/Cargo.lock" ]; then echo "$component"; exit 0; fi

version=$(rustc --version | cut -d' ' -f2)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tiny-counter/rust-src-$version
library=$cache/usr/src/rustc-$version/library
if [ -e "$cache/.ready" ]; then echo "$library"; exit 0; fi
if ! command -v apt-get >/dev/null; then
    echo "rust-src: the standard library's source is missing: rustup component add rust-src" >&2
    exit 1
fi

mirror=$("$here/debian-mirror.sh")
# An apt of its own beside the machine's, which never hears of these suites.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp"/state/lists/partial "$tmp"/cache/archives/partial
for suite in trixie-backports forky sid; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
done >"$tmp/sources.list"
cat >"$tmp/apt.conf" <<CONF
Dir::State "$tmp/state";
Dir::State::status "/dev/null";
Dir::Cache "$tmp/cache";
Dir::Etc::sourcelist "$tmp/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
CONF
export APT_CONFIG=$tmp/apt.conf
apt-get update --quiet=2 >&2
full=$(apt-cache madison rust-src | awk -v v="$version" '$3 ~ "^" v "[+-]" { print $3; exit }')
if [ -z "$full" ]; then
    echo "rust-src: Debian has no rust-src $version; install rustup's component rust-src" >&2
    exit 1
fi
cd "$tmp"
apt-get download --quiet=2 "rust-src=$full" >&2
# Only the library: the compiler is ten times as large. Without the mark at the end the folder does not count.
rm -rf "$cache"
mkdir -p "$cache"
dpkg-deb --fsys-tarfile rust-src_*.deb | tar -x -C "$cache" --wildcards './usr/src/rustc-*/library/*'
touch "$cache/.ready"
echo "$library"
