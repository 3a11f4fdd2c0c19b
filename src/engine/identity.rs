//! The token that tells this installation from a copy of its data.

use super::Engine;

impl Engine {
    pub(crate) fn identity(&self) -> Option<[u8; 16]> {
        self.identity
    }

    /// Continues as the installation with this token.
    pub(crate) fn continue_under(&mut self, token: [u8; 16]) {
        self.identity = Some(token);
    }
}
