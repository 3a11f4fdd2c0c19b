//! The recorded history of an event, day by day.

use std::collections::BTreeMap;

use super::answered::Answered;
use crate::counter::reading::start_of;
use crate::error::Result;
use crate::event_id::{EventId, checked_name};
use crate::occurrence::Occurrence;
use crate::store::EventStore;
use crate::time::instant::to_time;
use crate::time::unit::Unit;

impl EventStore {
    /// The counts of an event on each of the tracked days, oldest first and without days on which
    /// it did not happen, for `PreparedLimit::rehearse`. Each has the instant at which its day
    /// began. Nothing if days are not tracked.
    ///
    /// # Errors
    /// `InvalidEvent` for a name of more than 1,024 bytes; an event that cannot be read; `Closed`.
    pub fn daily_history(&self, event_id: impl EventId) -> Result<Vec<Occurrence>> {
        let name = checked_name(event_id.as_ref())?;
        let answered: Answered<Vec<Occurrence>> = self.shared.ask([name], |snapshot| {
            let mut days: BTreeMap<i64, u64> = BTreeMap::new();
            let tracked = snapshot.tracking().find(Unit::Days);
            if let Some((reading, (_, tracked))) = snapshot.reading(name).zip(tracked) {
                let oldest =
                    reading.view.number(Unit::Days).saturating_sub(i64::from(tracked)).saturating_add(1);
                reading.visit(Unit::Days, oldest, |number, count| {
                    let sum = days.entry(number).or_default();
                    *sum = sum.saturating_add(count);
                });
            }
            let occurrence = |(number, count): (i64, u64)| Occurrence {
                at: to_time(start_of(Unit::Days, number, snapshot.zone(), i64::MIN)),
                event_id: name.to_owned(),
                count: u32::try_from(count).unwrap_or(u32::MAX),
            };
            days.into_iter().map(occurrence).collect()
        });
        answered.complete()
    }
}
