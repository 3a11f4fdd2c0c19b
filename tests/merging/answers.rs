//! What devices answer, and whether that is the truth.

use chrono::Duration;

use super::common::unit::{DAY, SECOND};
use super::device::{DAYS, NAMES};
use super::truth::{Atom, Atoms, Truth};
use super::world::{Check, PAST, World};

impl World {
    /// What a device answers.
    pub fn view(&self, d: usize) -> Result<Atoms, String> {
        let mut view = Atoms::new();
        for (event, name) in NAMES.into_iter().enumerate().take(self.events) {
            let query = self.devices[d].store().query(name);
            if self.counts_bits() {
                let lifetime = query.try_lifetime().unwrap().unwrap_or(0);
                view.extend(
                    (0..64).filter(|bit| lifetime >> bit & 1 == 1).map(|bit| event as u32 * 64 + bit),
                );
                continue;
            }
            for (ago, count) in
                query.last_minutes(PAST + 200).try_into_buckets().unwrap().into_iter().enumerate()
            {
                let atom = (PAST + self.number).wrapping_sub(ago) as Atom;
                match count {
                    0 => continue,
                    1 if self.atoms.get(&atom).is_some_and(|(of, _)| *of == event) => view.insert(atom),
                    _ => return Err(format!("{name} counts {count} times at {atom}")),
                };
            }
            // Of two branches the join has the higher count of each date.
            if !self.truth.forked {
                self.compare_dates(d, event, &view)?;
            }
        }
        Ok(view)
    }

    /// The dates of an event must be those of the minutes. A date that has not begun where it is read
    /// is today.
    pub(super) fn compare_dates(&self, d: usize, event: usize, view: &Atoms) -> Check {
        let today = self.today(d, Duration::zero());
        let mut truth = [0; DAYS];
        for (of, date) in view.iter().map(|atom| self.atoms[atom]) {
            if of == event {
                truth[usize::try_from(today - date).unwrap_or(0)] += 1;
            }
        }
        let query = self.devices[d].store().query(NAMES[event]);
        let mut dates = query.last_days(DAYS).try_into_buckets().unwrap();
        // An unknown event has none.
        dates.resize(DAYS, 0);
        if dates == truth { Ok(()) } else { Err(format!("{d} answers {dates:?} by date, truth {truth:?}")) }
    }

    /// The date some time ago, in days since 1970, where a device is.
    pub(super) fn today(&self, d: usize, ago: Duration) -> i64 {
        let device = &self.devices[d];
        let at = (device.store().clock_now() - ago).timestamp_millis();
        (at + i64::from(device.zone.offset_at(at)) * SECOND).div_euclid(DAY)
    }

    /// Checks a device after a step that is no merge.
    pub(super) fn same(&self, d: usize) -> Check {
        let (seen, truth) = (self.view(d)?, Truth::view(&self.devices[d].memory));
        if seen == truth { Ok(()) } else { Err(format!("{d} answers {seen:?}, truth {truth:?}")) }
    }
}
