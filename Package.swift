// swift-tools-version: 6.0
import Foundation
import PackageDescription

// The Rust library comes from, in this order:
// - TINY_COUNTER_LIBRARY, the path of a static library for this machine (`cargo xtask test swift` sets it);
// - target/ios/TinyCounterFFI.xcframework, which `cargo xtask ios` makes;
// - target/debug/libtiny_counter.a, which `cargo xtask bindings` leaves behind.
//
// There is no release yet to take it from, so an app adds a local clone of this repository: see ios/README.md.

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
} else {
    fatalError(
        """
        TinyCounter: the Rust library is not built, and there is no release yet to download it from. Clone the repository, run \
        `cargo xtask ios` in it (or, for tests on this machine only, `cargo xtask bindings`), and add the clone to your app as a local \
        package; ios/README.md says how. Looked for \(root)/\(framework) and \(archive).
        """)
}

// `cargo xtask` sets it. Without it an app would have these targets too, and believe that Linux has UIKit.
let develops = Context.environment["TINY_COUNTER_DEVELOPMENT"] != nil

// Where the tests run without UIKit they have a stand-in, so that the code for iOS runs there too.
#if os(Linux)
let standIns: [Target] = !develops ? [] : [.target(name: "UIKit", path: "ios/UIKitStub")]
#else
let standIns: [Target] = []
#endif

// `cargo xtask bench swift`
let benchmark: [Target] = !develops ? [] : [
    .target(name: "Allocations", path: "tests/swift/Allocations"),
    .executableTarget(name: "Benchmark", dependencies: ["TinyCounter", "Allocations"], path: "tests/swift/Benchmark"),
]

let uiKit: [Target.Dependency] = standIns.map { .byName(name: $0.name) }

let package = Package(
    name: "TinyCounter",
    platforms: [.iOS(.v13), .macOS(.v10_15)],
    products: [.library(name: "TinyCounter", targets: ["TinyCounter"])],
    targets: standIns + benchmark + [
        ffi,
        .target(
            name: "TinyCounterBindings",
            dependencies: ["TinyCounterFFI"],
            path: "bindings/swift/TinyCounterBindings",
            linkerSettings: linked
        ),
        .target(
            name: "TinyCounter",
            dependencies: ["TinyCounterBindings", "TinyCounterFFI"] + uiKit,
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
