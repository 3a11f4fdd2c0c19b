//! Prevents two open stores on one folder within this process.

use std::collections::BTreeSet;
use std::path::PathBuf;

use parking_lot::Mutex;

use crate::error::{Error, Result};

static OPEN_FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Exclusive use of a folder within this process. Dropping it releases the folder.
#[derive(Debug)]
pub(super) struct FolderClaim(PathBuf);

impl FolderClaim {
    /// Claims a folder. `dir` must be its canonical path.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if another store of this process has the folder open.
    pub(super) fn acquire(dir: PathBuf) -> Result<FolderClaim> {
        if OPEN_FOLDERS.lock().insert(dir.clone()) {
            return Ok(FolderClaim(dir));
        }
        Err(Error::unavailable(format!(
            "another store of this process has {} open; use that store, or close it first",
            dir.display()
        )))
    }
}

impl Drop for FolderClaim {
    fn drop(&mut self) {
        OPEN_FOLDERS.lock().remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_can_be_claimed_again_only_after_its_release() {
        let dir = PathBuf::from("/a folder/of the claim test");
        let first = FolderClaim::acquire(dir.clone()).unwrap();
        assert!(matches!(FolderClaim::acquire(dir.clone()), Err(Error::Unavailable { .. })));
        drop(first);
        FolderClaim::acquire(dir).unwrap();
    }
}
