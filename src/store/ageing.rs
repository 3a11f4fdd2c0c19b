//! Forgetting what is too old.
//!
//! What lies more than twice its window before a certain day may go: the oldest of the last three dates on which the store was persisted, so that
//! one session under a wrong clock deletes nothing; or today, if a clock went back to before that, so that nothing which is counted goes.

use super::state::State;
use crate::time::bucket::{Numbers, local_day};
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
    pub(crate) fn horizon(&self, now: i64) -> Option<Numbers> {
        let oldest = self.dates.iter().min().filter(|_| self.dates.len() == DATES)?;
        let today = local_day(now, self.present.zone.segment(now).offset);
        Some(Numbers::at((today.min(*oldest) - 1) * DAY, 0))
    }

    /// Forgets what is too old, in every event.
    pub(crate) fn age(&mut self, now: i64) {
        let Some(horizon) = self.horizon(now) else { return };
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
