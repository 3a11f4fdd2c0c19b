//! Drawing the store's own lane.

use super::shared::Shared;
use crate::counter::lane::LaneId;
use crate::error::Result;
use crate::random::random;

impl Shared {
    /// Makes sure that there is a lane if anything was counted: what is written or exported names it.
    pub(super) fn find_own_lane(&self) -> Result<()> {
        if self.with_memory(|engine| engine.needs_lane()) {
            let drawn = LaneId(random()?);
            self.with_memory(|engine| engine.set_lane_if_absent(drawn));
        }
        Ok(())
    }
}
