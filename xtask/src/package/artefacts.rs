//! The artefacts of the Maven repository.

use super::artefact::{Artefact, Dependency, Platform};
use crate::kotlin_classes as module;

/// The oldest standard library that the code runs with: the poms compile for this version of Kotlin.
const STANDARD_LIBRARY: Dependency = ("org.jetbrains.kotlin", "kotlin-stdlib", "2.2.21");

/// The version that the tests run with.
const COROUTINES: Dependency = ("org.jetbrains.kotlinx", "kotlinx-coroutines-core", "1.11.0");

pub const ALL: [Artefact; 3] = [
    Artefact {
        name: "tiny-counter",
        description: "Counts events on the device and answers questions about them, for Android",
        platform: Platform::Android,
        dependencies: &[STANDARD_LIBRARY],
        module: module::ANDROID,
    },
    Artefact {
        name: "tiny-counter-jvm",
        description: "Counts events and answers questions about them, for desktops and for unit tests",
        platform: Platform::Jvm,
        dependencies: &[STANDARD_LIBRARY],
        module: module::JVM,
    },
    // An app has one of the others already. With both it would have each class twice.
    Artefact {
        name: "tiny-counter-coroutines",
        description: "The changes and answers of tiny-counter as flows. Add tiny-counter (Android) or \
                      tiny-counter-jvm of the same version too: this artefact depends on neither",
        platform: Platform::Both,
        dependencies: &[STANDARD_LIBRARY, COROUTINES],
        module: module::COROUTINES,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    #[test]
    fn the_tests_run_with_the_coroutines_of_the_pom() {
        let (_, _, version) = COROUTINES;
        for module in [module::JVM, module::ANDROID] {
            let pom = project::root().join(module.folder).join("pom.xml");
            let text = std::fs::read_to_string(pom).unwrap();
            assert!(text.contains(&format!("<coroutines.version>{version}</coroutines.version>")));
        }
    }
}
