// swift-tools-version: 6.0
import Foundation
import PackageDescription

// The Rust library comes from, in this order:
// - TINY_COUNTER_LIBRARY, the path of a static library for this machine (`cargo xtask test swift` sets it);
// - target/ios/TinyCounterFFI.xcframework, which `cargo xtask ios` makes;
// - target/debug/libtiny_counter.a, which `cargo xtask bindings` leaves behind;
// - the XCFramework of a release.
let released: (url: String, checksum: String)? = nil

let root = Context.packageDirectory
let framework = "target/ios/TinyCounterFFI.xcframework"
let archive = Context.environment["TINY_COUNTER_LIBRARY"] ?? root + "/target/debug/libtiny_counter.a"

func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

#if os(Linux)
let apple = false
#else
let apple = Context.environment["TINY_COUNTER_LIBRARY"] == nil
#endif

let ffi: Target
var linked: [LinkerSetting] = []
if apple, exists(root + "/" + framework) {
    ffi = .binaryTarget(name: "TinyCounterFFI", path: framework)
} else if exists(archive) {
    ffi = .systemLibrary(name: "TinyCounterFFI", path: "bindings/swift/TinyCounterFFI")
    // `-Xlinker` hides the file from Swift's own tools, which cannot read what a newer LLVM put into it.
    linked = [.unsafeFlags(["-Xlinker", archive])]
} else if let released {
    ffi = .binaryTarget(name: "TinyCounterFFI", url: released.url, checksum: released.checksum)
} else {
    fatalError("no Rust library: run `cargo xtask ios` (for Apple's systems) or `cargo xtask bindings` (for this machine)")
}

// Where the tests run without UIKit they have a stand-in, so that the code for iOS runs there too.
#if os(Linux)
let standIns: [Target] = [.target(name: "UIKit", path: "ios/UIKitStub")]
#else
let standIns: [Target] = []
#endif
let uiKit: [Target.Dependency] = standIns.map { .byName(name: $0.name) }

let package = Package(
    name: "TinyCounter",
    platforms: [.iOS(.v13), .macOS(.v10_15)],
    products: [.library(name: "TinyCounter", targets: ["TinyCounter"])],
    targets: standIns + [
        ffi,
        .target(
            name: "TinyCounterBindings",
            dependencies: ["TinyCounterFFI"],
            path: "bindings/swift/TinyCounterBindings",
            linkerSettings: linked
        ),
        .target(
            name: "TinyCounter",
            dependencies: ["TinyCounterBindings"] + uiKit,
            path: "ios/Sources/TinyCounter",
            resources: [.copy("PrivacyInfo.xcprivacy")]
        ),
        .testTarget(
            name: "TinyCounterTests",
            dependencies: ["TinyCounter"] + uiKit,
            path: "tests/swift/TinyCounterTests"
        ),
    ],
    swiftLanguageModes: [.v6]
)
