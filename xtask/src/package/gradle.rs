//! Gradle module metadata: which file of an artefact a Gradle build takes for what.

use super::artefact::{Artefact, GROUP, Platform, Published, Role};
use crate::checksums;
use crate::failure::{Failure, Result};
use serde_json::{Value, json};

/// The metadata of an artefact with these files.
pub fn text(artefact: &Artefact, version: &str, files: &[Published]) -> Result<String> {
    let platform = artefact.platform;
    let mut variants = Vec::new();
    for usage in ["api", "runtime"] {
        variants.push(json!({
            "name": format!("{usage}Elements"),
            "attributes": attributes(platform, usage),
            "dependencies": dependencies(artefact),
            "files": of(files, Role::Library),
        }));
    }
    for (role, kind) in [(Role::Sources, "sources"), (Role::Docs, "javadoc")] {
        let files = of(files, role);
        if !files.is_empty() {
            let attributes = json!({
                "org.gradle.category": "documentation",
                "org.gradle.dependency.bundling": "external",
                "org.gradle.docstype": kind,
                "org.gradle.usage": "java-runtime",
            });
            variants
                .push(json!({"name": format!("{kind}Elements"), "attributes": attributes, "files": files}));
        }
    }
    let metadata = json!({
        "formatVersion": "1.1",
        "component": {
            "group": GROUP,
            "module": artefact.name,
            "version": version,
            "attributes": {"org.gradle.status": "release"},
        },
        "variants": variants,
    });
    let text = serde_json::to_string_pretty(&metadata).map_err(|error| Failure::new(error.to_string()))?;
    Ok(text + "\n")
}

fn attributes(platform: Platform, usage: &str) -> Value {
    let common = json!({
        "org.gradle.category": "library",
        "org.gradle.dependency.bundling": "external",
        "org.gradle.libraryelements": platform.packaging(),
        "org.gradle.usage": format!("java-{usage}"),
    });
    let own = match platform {
        Platform::Android => json!({
            "org.gradle.jvm.environment": "android",
            "org.jetbrains.kotlin.platform.type": "androidJvm",
        }),
        Platform::Jvm => json!({
            "org.gradle.jvm.environment": "standard-jvm",
            "org.gradle.jvm.version": 17,
            "org.jetbrains.kotlin.platform.type": "jvm",
        }),
        // Builds for Android take it too, if it asks for no environment.
        Platform::Both => json!({"org.jetbrains.kotlin.platform.type": "jvm"}),
    };
    let both = [common, own].into_iter().filter_map(|map| map.as_object().cloned()).flatten();
    Value::Object(both.collect())
}

fn dependencies(artefact: &Artefact) -> Vec<Value> {
    let entry = |(group, name, version): &(&str, &str, &str)| json!({"group": group, "module": name, "version": {"requires": version}});
    artefact.dependencies.iter().map(entry).collect()
}

fn of(files: &[Published], role: Role) -> Vec<Value> {
    let entry = |file: &Published| {
        let sums = checksums::ALL.map(|(kind, sum)| (kind.to_owned(), Value::String(sum(&file.bytes))));
        let mut entry = json!({"name": file.name, "url": file.name, "size": file.bytes.len()});
        if let Some(entry) = entry.as_object_mut() {
            entry.extend(sums);
        }
        entry
    };
    files.iter().filter(|file| file.role == role).map(entry).collect()
}
