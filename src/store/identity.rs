//! Whether a store is the original or a copy of it.

use std::path::Path;

use crate::engine::Engine;
use crate::error::Result;
use crate::random::random;
use crate::storage::identity::{self, Token};

/// Compares the token in `file` with the one in the store record. If they differ, the store is a
/// copy or a restored backup: its lane is retired and a new one is drawn at the next write.
/// Answers whether the store record has to be written at once.
pub(super) fn identify(engine: &mut Engine, file: &Path) -> Result<bool> {
    let in_file = identity::read(file)?;
    if in_file.is_some() && in_file == engine.identity() {
        return Ok(false);
    }
    let token: Token = match in_file {
        Some(token) => token,
        None => {
            let drawn = random()?;
            identity::write(file, drawn)?;
            drawn
        }
    };
    let is_first = in_file.is_none() && engine.identity().is_none();
    engine.continue_under(token);
    if is_first {
        // If the store did not hold the new token, it would pass for a copy at the next opening.
        return Ok(engine.has_lane() || engine.has_stored_reservations());
    }
    // The original store commits or cancels them.
    engine.drop_stored_reservations();
    if engine.has_lane() {
        log::info!("the store was copied or restored from a backup; it counts under a new identity");
        engine.retire_lane();
    }
    Ok(false)
}
