#!/usr/bin/env bash
# Prints the Debian archive that this machine's apt is set up to use.
set -euo pipefail

archive() { apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' | grep -m1 . || true; }

found=$(archive)
if [ -z "$found" ]; then
    # apt knows an archive's origin only after it has read its lists.
    apt-get update --quiet=2 >&2
    found=$(archive)
fi
[ -n "$found" ] || { echo "apt knows no Debian archive" >&2; exit 1; }
echo "$found"
