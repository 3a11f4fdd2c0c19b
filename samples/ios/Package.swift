// swift-tools-version: 6.0
import PackageDescription

// What the app and its widget share, with its tests. The folders App and Widget are targets of an Xcode project.
let package = Package(
    name: "Water",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "Counting", targets: ["Counting"])],
    dependencies: [
        // What `cargo xtask package swift` makes.
        .package(path: "../../target/package/swift/tiny-counter")
    ],
    targets: [
        .target(name: "Counting", dependencies: [.product(name: "TinyCounter", package: "tiny-counter")]),
        .testTarget(name: "CountingTests", dependencies: ["Counting"]),
    ]
)
