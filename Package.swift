// swift-tools-version: 6.0
import Foundation
import PackageDescription

// What a release takes: the address and the checksum of the XCFramework. `cargo xtask package` fills this line.
let release: (address: String, checksum: String)? = nil

// For work on the library: TINY_COUNTER_LIBRARY is the path of an XCFramework in this folder (`cargo xtask ios` makes
// target/ios/TinyCounterFFI.xcframework) or of a static library for this machine (`cargo xtask test swift` sets it).
// SwiftPM keeps what it has read of this file, and looks again if a variable changes, but not if a file appears.
let library = Context.environment["TINY_COUNTER_LIBRARY"]

#if os(Linux)
let isLinux = true
#else
let isLinux = false
#endif

#if arch(arm64)
let processor = "aarch64"
#else
let processor = "x86_64"
#endif

enum Source {
    case framework(Target)
    /// A static library, which Swift finds by its headers.
    case archive(String)
}

let source: Source
if let library, library.hasSuffix(".xcframework") {
    source = .framework(.binaryTarget(name: "TinyCounterFFI", path: library))
} else if let library {
    source = .archive(library)
} else if let release, isLinux {
    let archive = "\(Context.packageDirectory)/libraries/linux-\(processor)/libtiny_counter.a"
    guard FileManager.default.fileExists(atPath: archive) else {
        fatalError(
            """
            TinyCounter \(release.address): there is no library for this machine, looked for at \(archive). Linux has no \
            XCFrameworks. Run `cargo xtask package swift` in a clone of the library on a machine of this kind, and depend on the \
            folder that it makes.
            """)
    }
    source = .archive(archive)
} else if let release, release.address.hasPrefix("https://") {
    source = .framework(.binaryTarget(name: "TinyCounterFFI", url: release.address, checksum: release.checksum))
} else if let release {
    source = .framework(.binaryTarget(name: "TinyCounterFFI", path: release.address))
} else {
    fatalError(
        """
        TinyCounter: this is the source of the library, not a release. Depend on a tag of a release or on the folder that \
        `cargo xtask package swift` makes. To work on the library itself, set TINY_COUNTER_LIBRARY; ios/README.md says how.
        """)
}

let ffi: Target
let linked: [LinkerSetting]
switch source {
case .framework(let target):
    ffi = target
    linked = []
case .archive(let path):
    ffi = .systemLibrary(name: "TinyCounterFFI", path: "bindings/swift/TinyCounterFFI")
    // `-Xlinker` hides the file from Swift's own tools, which cannot read what a newer LLVM put into it.
    linked = [.unsafeFlags(["-Xlinker", path])]
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
let benchmark: [Target] = Context.environment["TINY_COUNTER_DEVELOPMENT"] != "benchmark" ? [] : [
    .target(name: "Allocations", path: "tests/swift/Allocations"),
    .executableTarget(name: "Benchmark", dependencies: ["TinyCounter", "Allocations"], path: "tests/swift/Benchmark"),
]

let uiKit: [Target.Dependency] = standIns.map { .byName(name: $0.name) }

// A release has no tests.
let tests: [Target] = !develops ? [] : [
    .testTarget(
        name: "TinyCounterTests",
        dependencies: ["TinyCounter"] + uiKit,
        path: "tests/swift/TinyCounterTests"
    )
]

let package = Package(
    name: "TinyCounter",
    platforms: [.iOS(.v13), .macCatalyst(.v13), .macOS(.v10_15), .tvOS(.v13), .watchOS(.v6), .visionOS(.v1)],
    products: [.library(name: "TinyCounter", targets: ["TinyCounter"])],
    targets: standIns + benchmark + tests + [
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
    ],
    swiftLanguageModes: [.v6]
)
