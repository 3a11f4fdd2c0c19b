//! Finding or drawing the store's own lane.

use super::backend::Backend;
use super::shared::Shared;
use crate::counter::lane::LaneId;
use crate::error::Result;
use crate::random::random;

impl Shared {
    /// Makes sure that there is a lane if anything was counted: what is exported names it.
    pub(super) fn find_own_lane(&self) -> Result<()> {
        match &self.storage {
            Some(storage) => self.find_lane(storage.as_ref(), true),
            None if self.with_memory(|engine| engine.needs_lane()) => self.draw_lane(),
            None => Ok(()),
        }
    }

    /// Finds the lane in a storage without a store record. Before cells are joined it must be known
    /// which of them are our own.
    pub(super) fn find_stored_lane(&self) -> Result<()> {
        match &self.storage {
            Some(storage) if !storage.is_log() => self.find_lane(storage.as_ref(), false),
            _ => Ok(()),
        }
    }

    /// Takes the lane of a stored event if the store has none. If no event names one, something was
    /// counted and `draw` is set, a new lane is drawn.
    pub(super) fn find_lane(&self, storage: &dyn Backend, draw: bool) -> Result<()> {
        let (has_lane, needs_lane) = self.with_memory(|engine| (engine.has_lane(), engine.needs_lane()));
        if has_lane || (draw && !needs_lane) {
            return Ok(());
        }
        if !storage.is_log() {
            for name in storage.names()? {
                // An event that cannot be read is skipped. One lane too many does no harm.
                if let Ok(Some(counter)) = storage.load(&name)
                    && let Some(lane) = counter.own
                    && self.with_memory(|engine| engine.adopt_lane(lane))
                {
                    return Ok(());
                }
            }
        }
        if draw { self.draw_lane() } else { Ok(()) }
    }

    fn draw_lane(&self) -> Result<()> {
        let drawn = LaneId(random()?);
        self.with_memory(|engine| engine.set_lane_if_absent(drawn));
        Ok(())
    }
}
