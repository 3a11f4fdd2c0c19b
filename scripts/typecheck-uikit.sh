#!/usr/bin/env bash
# Compiles the Swift code with stand-ins for UIKit and SwiftUI, so that what only iOS compiles is seen elsewhere too. Then
# compares what the compiler says about tests/swift/Diagnostics with what is expected there. What is public is
# written to .build/uikit/graphs, for scripts/convert-docc.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=.build/uikit
rm -rf "$out/graphs"
mkdir -p "$out/graphs"
swiftc() { scripts/swift-run swiftc -parse-as-library -swift-version 6 -strict-concurrency=complete "$@"; }
modules=(-I "$out" -Xcc "-fmodule-map-file=$PWD/bindings/swift/TinyCounterFFI/module.modulemap")

swiftc -emit-module -module-name UIKit -o "$out/UIKit.swiftmodule" ios/UIKitStub/*.swift
swiftc -emit-module -module-name SwiftUI -o "$out/SwiftUI.swiftmodule" ios/SwiftUIStub/*.swift
swiftc -emit-module "${modules[@]}" -module-name TinyCounterBindings -o "$out/TinyCounterBindings.swiftmodule" \
    bindings/swift/TinyCounterBindings/*.swift
# -typecheck alone misses errors that only a whole compilation finds.
find ios/Sources/TinyCounter -name '*.swift' -print0 | sort -z | xargs -0 \
    scripts/swift-run swiftc -parse-as-library -swift-version 6 -strict-concurrency=complete -warnings-as-errors \
    -c -wmo "${modules[@]}" -module-name TinyCounter -o "$out/TinyCounter.o" \
    -emit-module -emit-module-path "$out/TinyCounter.swiftmodule" \
    -emit-symbol-graph -emit-symbol-graph-dir "$out/graphs" -symbol-graph-minimum-access-level public

for neighbour in tests/swift/Diagnostics/Neighbours/*.swift; do
    name=$(basename "$neighbour" .swift)
    swiftc -emit-module -module-name "$name" -o "$out/$name.swiftmodule" "$neighbour"
done
for file in tests/swift/Diagnostics/*.swift; do
    swiftc -typecheck -Xfrontend -verify "${modules[@]}" "$file"
done
