//! The token that tells this installation from a copy of its data.

use super::Engine;

impl Engine {
    /// The token, and whether the identity file is known to hold it.
    pub(crate) fn identity(&self) -> Option<([u8; 16], bool)> {
        self.identity
    }

    pub(crate) fn set_identity(&mut self, identity: Option<([u8; 16], bool)>) {
        self.identity = identity;
    }
}
