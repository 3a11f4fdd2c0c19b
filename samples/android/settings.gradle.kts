pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        // What `cargo xtask package maven` makes.
        maven("../../target/package/maven") { content { includeGroup("dev.tinycounter") } }
        google()
        mavenCentral()
    }
}

rootProject.name = "reading"
include(":app")
