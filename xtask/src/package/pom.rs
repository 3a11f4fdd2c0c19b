//! The XML files of a Maven repository.

use super::artefact::{Artefact, GROUP};

/// Tells Gradle that there is module metadata beside the POM.
const HAS_MODULE_METADATA: &str = "<!-- do_not_remove: published-with-gradle-metadata -->";

const SCHEMA: &str = "xmlns=\"http://maven.apache.org/POM/4.0.0\" \
                      xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                      xsi:schemaLocation=\"http://maven.apache.org/POM/4.0.0 https://maven.apache.org/xsd/maven-4.0.0.xsd\"";

/// The POM of an artefact.
pub fn text(artefact: &Artefact, version: &str) -> String {
    let dependencies: String = artefact
        .dependencies
        .iter()
        .map(|(group, name, version)| {
            format!(
                "    <dependency>\n      <groupId>{group}</groupId>\n      <artifactId>{name}</artifactId>\n      \
                 <version>{version}</version>\n      <scope>compile</scope>\n    </dependency>\n"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <project {SCHEMA}>\n  {HAS_MODULE_METADATA}\n  <modelVersion>4.0.0</modelVersion>\n  \
         <groupId>{GROUP}</groupId>\n  <artifactId>{name}</artifactId>\n  <version>{version}</version>\n  \
         <packaging>{packaging}</packaging>\n  <name>{name}</name>\n  <description>{description}</description>\n  \
         <licenses>\n{mit}{apache}  </licenses>\n  <dependencies>\n{dependencies}  </dependencies>\n</project>\n",
        name = artefact.name,
        packaging = artefact.platform.packaging(),
        description = artefact.description,
        mit = license("MIT"),
        apache = license("Apache-2.0"),
    )
}

fn license(name: &str) -> String {
    format!("    <license>\n      <name>{name}</name>\n    </license>\n")
}

/// The list of the versions of an artefact in this repository. It has no time, so that the same
/// content has the same bytes.
pub fn versions(name: &str, version: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata>\n  <groupId>{GROUP}</groupId>\n  \
         <artifactId>{name}</artifactId>\n  <versioning>\n    <latest>{version}</latest>\n    \
         <release>{version}</release>\n    <versions>\n      <version>{version}</version>\n    </versions>\n  \
         </versioning>\n</metadata>\n"
    )
}
