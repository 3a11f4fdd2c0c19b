// The Android library. `cargo xtask android` with an NDK builds the native part first, then
// `gradle -p android assembleRelease` makes the AAR.
plugins {
    id("com.android.library") version "8.13.0"
    id("org.jetbrains.kotlin.android") version "2.2.21"
    `maven-publish`
}

group = "dev.tinycounter"
version = "0.1.0"

android {
    namespace = "dev.tinycounter"
    compileSdk = 36

    defaultConfig {
        // java.time is there from 26 on.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets.named("main") {
        // The bindings are generated, but committed: nobody needs Rust to read this.
        kotlin.srcDirs("../bindings/kotlin", "src/main/kotlin", "src/main/kotlin-android")
        jniLibs.srcDir("../target/android/jniLibs")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    // The AAR of JNA has its native part for every ABI; the plain jar has none for Android.
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    // For the suspending forms, and only there: an app that calls them has it, others do without.
    compileOnly("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.11.0")
}

// Without the native part the AAR would build, and fail on the first phone.
val nativeLibraries = layout.projectDirectory.dir("../target/android/jniLibs")
val requireNativeLibraries by tasks.registering {
    val folder = nativeLibraries.asFile
    doLast {
        for (abi in listOf("arm64-v8a", "armeabi-v7a", "x86_64", "x86")) {
            check(folder.resolve("$abi/libtiny_counter.so").isFile) {
                "no native library for $abi: run `cargo xtask android` with ANDROID_NDK_HOME set"
            }
        }
    }
}
tasks.named("preBuild") { dependsOn(requireNativeLibraries) }

publishing {
    publications.register<MavenPublication>("release") {
        artifactId = "tiny-counter"
        afterEvaluate { from(components["release"]) }
    }
}
