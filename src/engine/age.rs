//! Ageing: dropping buckets that no window reaches any more.
//!
//! The horizon is the oldest of the last three local dates of a persist. An opening of the store
//! adds one date, and further ones only as monotonic time confirms that days have passed. A date
//! lies at most 28 days after the one before it. So one session under a wrong clock deletes
//! nothing. If the clock went back to before those dates, the horizon is today, so that nothing
//! which still counts is dropped.

use super::Engine;
use crate::counter::kept::Horizon;
use crate::time::bucket::Numbers;
use crate::time::instant::DAY;

/// The most days by which a date can follow the one before it.
const MAX_DATE_STEP: i64 = 28;

impl Engine {
    /// Adds the local date of a persist, if this opening may add one. `monotonic` is the monotonic
    /// time, if it is known.
    pub(super) fn observe_date(&mut self, monotonic: Option<i64>) {
        let [last, ..] = self.persist_dates;
        let latest = last.map_or(i64::MAX, |last| last.saturating_add(MAX_DATE_STEP));
        let today = self.clock.today().min(latest);
        let is_confirmed = self.date_added.is_none_or(|added| {
            let passed = added.zip(monotonic).map(|(added, now)| now.saturating_sub(added));
            passed.is_some_and(|passed| passed >= DAY)
        });
        if self.persist_dates.contains(&Some(today)) || !is_confirmed {
            return;
        }
        self.date_added = Some(monotonic);
        let [newest, middle, _] = self.persist_dates;
        self.persist_dates = [Some(today), newest, middle];
    }

    /// The instant from which ageing measures now, and its buckets; absent before enough dates are
    /// known.
    pub(super) fn horizon(&self) -> Option<(i64, Numbers)> {
        self.horizon_instant().map(|instant| (instant, Numbers::at(instant, 0)))
    }

    /// What an event that is loaded may have lost by ageing; absent before enough dates are known.
    pub(super) fn load_horizon(&self) -> Option<Horizon> {
        let latest = Numbers::at(beginning(self.horizon_date()?), 0);
        Some(Horizon { now: self.horizon()?.1, latest })
    }

    /// The beginning of the horizon's date.
    pub(crate) fn horizon_instant(&self) -> Option<i64> {
        self.horizon_date().map(|date| beginning(date.min(self.clock.today())))
    }

    fn horizon_date(&self) -> Option<i64> {
        let [newest, middle, oldest] = self.persist_dates;
        Some(newest?.min(middle?).min(oldest?))
    }

    /// Drops old buckets of every event.
    pub(crate) fn age(&mut self) {
        let Some(horizon) = self.horizon() else { return };
        let mut aged = Vec::new();
        for entry in self.events.iter_mut() {
            if entry.age(&self.clock.tracking, &horizon) {
                aged.push(entry.name.clone());
            }
        }
        aged.iter().for_each(|name| self.touch(name));
    }
}

/// An instant before the beginning of a local date in every zone.
fn beginning(date: i64) -> i64 {
    // A local date can begin up to 18 hours before midnight in UTC.
    (date - 1) * DAY
}
