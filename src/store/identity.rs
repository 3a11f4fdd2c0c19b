//! Whether the store is the one that it was, or a copy of it.

use std::path::Path;

use super::random;
use super::state::State;
use crate::error::Result;
use crate::storage::identity::{self, Token};

impl State {
    /// Compares the token beside the store with the one in it. Where they differ this is a copy, or a backup that was restored: what was its own
    /// becomes history, and a new lane starts when something is next counted. Answers whether the token has to be written to the store at once.
    pub(super) fn identify(&mut self, file: &Path) -> Result<bool> {
        let beside = identity::read(file)?;
        if beside.is_some() && beside == self.identity {
            return Ok(false);
        }
        let token: Token = match beside {
            Some(token) => token,
            None => {
                let drawn = random()?;
                identity::write(file, drawn)?;
                drawn
            }
        };
        let is_first = beside.is_none() && self.identity.is_none();
        self.identity = Some(token);
        if is_first {
            // Were the store not to hold what now lies beside it, it would pass for a copy at the next opening.
            return Ok(self.lane.is_some() || !self.held.is_empty());
        }
        // Whoever holds them settles them.
        self.held.clear();
        if self.lane.is_some() {
            log::info!("the store's data came from elsewhere: it goes on under a name of its own");
            self.retire_lane();
        }
        Ok(false)
    }
}
