//! One live store per folder in this process.

use std::collections::BTreeSet;
use std::path::PathBuf;

use parking_lot::Mutex;

use crate::error::{Error, Result};

static CLAIMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The right to be the store of a folder, until dropped.
#[derive(Debug)]
pub(super) struct Claim(PathBuf);

impl Claim {
    /// Claims a folder by its canonical name.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if another store of this process has it.
    pub(super) fn take(dir: PathBuf) -> Result<Claim> {
        if CLAIMED.lock().insert(dir.clone()) {
            return Ok(Claim(dir));
        }
        Err(Error::unavailable(format!(
            "another store of this process has {} open; share that one, or close it first",
            dir.display()
        )))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMED.lock().remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_claimed_once_until_it_is_given_back() {
        let dir = PathBuf::from("/a folder/of the claim test");
        let first = Claim::take(dir.clone()).unwrap();
        assert!(matches!(Claim::take(dir.clone()), Err(Error::Unavailable { .. })));
        drop(first);
        Claim::take(dir).unwrap();
    }
}
