//! Losses of stored counts.

use super::Engine;
use crate::bounds::MAX_LOSSES;

impl Engine {
    /// Adds losses of stored counts that were noticed at `now`. An absent name stands for an unknown
    /// event.
    ///
    /// What is lost may have been exported, so its stamps must not be issued again: the lane is
    /// retired. What was known of other lanes has to be sent again.
    pub(crate) fn add_losses(&mut self, events: Vec<Option<String>>, now: i64) {
        let mut lost: Vec<_> = events.into_iter().map(|event| (event, now)).collect();
        if self.losses.len() + lost.len() > MAX_LOSSES {
            lost = vec![(None, now)];
        }
        self.retire_lane();
        self.version_vector.clear();
        self.losses.extend(lost);
        self.replaces_damage = true;
    }
}
