#!/usr/bin/env bash
# Converts the DocC catalogue and the comments of the Swift code, with warnings as errors: a link without a target, or a
# parameter that does not exist. scripts/typecheck-uikit.sh has written what is public. Prints the folder of the result.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

catalogue=ios/Sources/TinyCounter/TinyCounter.docc
out=.build/docc
rm -rf "$out"
mkdir -p "$out/graphs"
# Without what the package adds to the types of others, which is one property of String.
cp .build/uikit/graphs/TinyCounter.symbols.json "$out/graphs/"

# Every public type has to be on the landing page.
missing=$(sed -nE 's/^public (final )?(class|struct|enum|protocol) ([A-Za-z]+).*/\3/p' ios/Sources/TinyCounter/*.swift | sort |
    while read -r type; do grep -qxF -- "- \`\`$type\`\`" "$catalogue/TinyCounter.md" || echo "$type"; done)
if [ -n "$missing" ]; then
    echo "$catalogue/TinyCounter.md does not list:" $missing >&2
    exit 1
fi

if command -v xcrun >/dev/null; then docc=$(xcrun --find docc); else docc=docc; fi
# Debian keeps the programs of Swift in a folder of their own.
scripts/swift-run env PATH="/usr/local/bin:/usr/bin:/bin:/usr/libexec/swift/bin" "$docc" convert "$catalogue" --warnings-as-errors \
    --fallback-display-name TinyCounter --fallback-bundle-identifier dev.tinycounter.TinyCounter \
    --additional-symbol-graph-dir "$out/graphs" --output-path "$out/TinyCounter.doccarchive"
