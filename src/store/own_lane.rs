//! Drawing the store's own lane.

use super::shared::Shared;
use crate::counter::lane::LaneId;
use crate::error::Result;
use crate::random::random;

impl Shared {
    /// Draws the own lane if anything was counted and there is none yet. What is written or
    /// exported names it.
    pub(super) fn ensure_own_lane(&self) -> Result<()> {
        if self.with_memory(|engine| engine.needs_lane()) {
            let drawn = LaneId(random()?);
            self.with_memory(|engine| engine.set_lane_if_absent(drawn));
        }
        Ok(())
    }
}
