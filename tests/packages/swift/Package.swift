// swift-tools-version: 6.0
import PackageDescription

// An app with one dependency. `cargo xtask test packages` copies this folder beside the packaged one.
let package = Package(
    name: "App",
    platforms: [.iOS(.v13), .macOS(.v10_15)],
    dependencies: [.package(path: "../tiny-counter")],
    targets: [
        .testTarget(
            name: "ThreeUsesTests",
            dependencies: [.product(name: "TinyCounter", package: "tiny-counter")]
        )
    ]
)
