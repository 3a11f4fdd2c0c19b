
// `cargo xtask test packages` adds this to the manifest of samples/ios, so that the code for SwiftUI is compiled where there
// is none.
package.targets += [
    .target(name: "SwiftUI", path: "StandIns/SwiftUI"),
    .target(name: "WidgetKit", dependencies: ["SwiftUI"], path: "StandIns/WidgetKit"),
    .target(name: "App", dependencies: ["Counting", "SwiftUI", .product(name: "TinyCounter", package: "tiny-counter")], path: "App"),
    .target(name: "Widget", dependencies: ["Counting", "SwiftUI", "WidgetKit"], path: "Widget"),
]

// The library uses SwiftUI too if the compiler finds it.
for target in package.targets where target.name == "CountingTests" { target.dependencies.append("SwiftUI") }
