//! Forgetting what is too old.
//!
//! What lies more than twice its window before a certain day may go: the oldest of the last three dates on which the store was persisted, so that
//! one session under a wrong clock deletes nothing.

use super::state::State;
use crate::time::bucket::Numbers;
use crate::time::instant::DAY;

/// After how many distinct dates counts may age.
const DATES: usize = 3;

impl State {
    pub(crate) fn note_date(&mut self, today: i64) {
        if !self.dates.contains(&today) {
            self.dates.push(today);
            let extra = self.dates.len().saturating_sub(DATES);
            self.dates.drain(..extra);
        }
    }

    /// The buckets from which the windows are measured.
    pub(crate) fn horizon(&self) -> Option<Numbers> {
        let oldest = self.dates.iter().min().filter(|_| self.dates.len() == DATES)?;
        Some(Numbers::at((oldest - 1) * DAY, 0))
    }

    /// Forgets what is too old, in every event.
    pub(crate) fn age(&mut self) {
        let Some(horizon) = self.horizon() else { return };
        let mut aged = Vec::new();
        for entry in self.events.iter_mut() {
            if entry.own.as_mut().is_some_and(|own| own.age(&self.present.tracking, &horizon)) {
                self.stamp += 1;
                entry.stamp = self.stamp;
                aged.push(entry.name.clone());
            }
        }
        aged.iter().for_each(|name| self.touch(name));
    }
}
