//! Makes the Maven repository.

use super::artefacts::ALL;
use super::stage::Stage;
use super::{Extent, Options, natives};
use crate::failure::Result;
use crate::{android, project};
use std::path::{Path, PathBuf};

/// The ABI that a quick check packs.
const QUICK_ABI: &str = "arm64-v8a";

/// Writes the repository into an empty folder. Returns its version.
pub fn create(repository: &Path, options: &Options) -> Result<String> {
    let natives = natives::all(options)?;
    let abis = abis(options)?;
    let mut missing = Vec::new();
    if !android::has_ndk() {
        missing
            .push("tiny-counter: an NDK. Set ANDROID_NDK_HOME. A check library cannot be loaded".to_owned());
    }
    if options.extent == Extent::Quick {
        missing.push(format!("tiny-counter: the ABIs other than {QUICK_ABI}, and the API documentation"));
    }
    missing.extend(natives::missing(&natives));
    let version = super::version(&missing)?;
    let stage = Stage::new(abis, natives, options.extent)?;
    let made: Vec<_> = ALL.iter().map(|artefact| stage.archives(artefact)).collect::<Result<_>>()?;
    project::empty_folder(repository)?;
    for (artefact, archives) in ALL.iter().zip(&made) {
        artefact.publish(archives, repository, &version)?;
    }
    println!("{}: version {version}", repository.display());
    super::explain(&missing);
    Ok(version)
}

/// The name of each ABI and its library.
fn abis(options: &Options) -> Result<Vec<(&'static str, PathBuf)>> {
    let wanted = android::names().into_iter();
    let wanted = wanted.filter(|name| options.extent == Extent::Whole || *name == QUICK_ABI);
    wanted.map(|name| Ok((name, android::build(name)?.1))).collect()
}
