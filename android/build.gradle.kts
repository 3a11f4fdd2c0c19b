// The Android library. First build the native library with an NDK: `cargo xtask android`. Then
// `gradle -p android assembleRelease` builds the AAR.
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
        // java.time exists since API 26.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets.named("main") {
        // The bindings are generated and committed, so that reading the code needs no Rust.
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
    compilerOptions {
        // Otherwise the first text and the first lambda of a process on a JVM load the classes that
        // make them, which takes longer than to open a store.
        freeCompilerArgs.addAll("-Xstring-concat=inline", "-Xlambdas=class", "-Xsam-conversions=class")
    }
}

dependencies {
    // Only the suspending functions need it. Apps that call them have it already.
    compileOnly("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.11.0")
}

// Without this check an AAR without native libraries would build, and fail on every phone.
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
