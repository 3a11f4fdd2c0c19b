//! When a rule that refuses will pass if nothing else is recorded.
//!
//! A verdict can change only at certain instants: a bucket leaves its window, a wait is over, something that lies ahead is reached, a schedule
//! changes. Those are gathered and tried in order, so that the answer is exact by the verdict itself.

use super::demand::{Asked, Demand, Kind, Rule};
use super::evaluate::Scene;
use crate::counter::cell::Cell;
use crate::counter::reading::{Doubt, seen, start_of};
use crate::store::state::Held;
use crate::store::state::State;
use crate::time::bucket::Numbers;
use crate::time::instant::{JITTER, LATEST};
use crate::time::unit::Unit;

/// As many instants are tried; what would pass later than that is not foreseen.
const TRIES: usize = 1024;

impl Scene<'_> {
    /// The first instant after now at which `rule` passes; nothing when waiting cannot help.
    pub(super) fn passes_at(&self, rule: Rule<'_>) -> Option<i64> {
        let now = self.view.now;
        let mut instants = self.instants(rule);
        instants.extend(self.expiries(rule));
        instants.retain(|at| *at > now && *at <= LATEST);
        instants.sort_unstable();
        instants.dedup();
        instants.into_iter().take(TRIES).find(|at| passes(self.state, rule, *at))
    }

    /// When stored reservations give back what they hold.
    fn expiries(&self, Rule { event, demand, .. }: Rule<'_>) -> Vec<i64> {
        if !demand.is_at_most() {
            return Vec::new();
        }
        // One that was made ahead of the clock counts from the notice, also where the clock has gone back below that since.
        let made = |held: &Held| self.noticed().into_iter().chain([held.made]);
        self.held(event).flat_map(|held| made(held).map(|at| at.saturating_add(held.span))).collect()
    }

    fn instants(&self, Rule { event, schedule, demand }: Rule<'_>) -> Vec<i64> {
        let Demand { kind, bound, count, unit, span } = demand;
        let millis = demand.millis();
        match kind {
            Kind::AtMost => {
                let Some(unit) = Unit::of(*unit) else { return Vec::new() };
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                // Where a lane does not count by this unit, all it has leaves with its last time.
                let ends = self.loss_times(event).into_iter().chain(self.last_times(event));
                let ends = ends.map(|at| {
                    let number = Numbers::at(at, self.state.present.zone.segment(at).offset).of(unit);
                    start_of(unit, number.saturating_add(count), &self.state.present.zone, self.view.now)
                });
                let zone = &self.state.present.zone;
                let leaves = |number: i64| start_of(unit, number.saturating_add(count), zone, self.view.now);
                let coarse = self.coarse_ends(event, unit).into_iter().flat_map(|end| {
                    let number = Numbers::at(end, zone.segment(end).offset).of(unit);
                    [leaves(number.saturating_sub(1)), leaves(number)]
                });
                let leavings = self.leavings(event, *bound, unit, leaves);
                leavings.into_iter().chain(ends).chain(coarse).collect()
            }
            Kind::AtMostRolling if *bound == 1 => self.waits(event, millis),
            Kind::AtMostRolling => {
                let Ok(buckets) = self.span(*span) else { return Vec::new() };
                let leavings = self.leavings(event, *bound, buckets.unit, |number| {
                    // The bucket's last instant is then exactly a window ago, which is outside.
                    let begins = self.view.now.saturating_sub(millis);
                    let end =
                        start_of(buckets.unit, number.saturating_add(1), &self.state.present.zone, begins);
                    end.saturating_sub(1).saturating_add(millis)
                });
                let ends = self.loss_times(event).into_iter().chain(self.last_times(event));
                let coarse = self.coarse_ends(event, buckets.unit).into_iter();
                let coarse = coarse.map(|end| end.saturating_add(millis).saturating_sub(1));
                leavings.into_iter().chain(ends.map(|at| at.saturating_add(millis))).chain(coarse).collect()
            }
            Kind::Cooldown => self.waits(event, millis),
            Kind::AtLeastRolling => {
                let mut instants = self.arrivals(event);
                // What is a little ahead is read as now: it lies wholly inside of a short window when a bucket begins.
                if let Ok(buckets) = self.span(*span) {
                    let from = instants.iter().copied().chain([self.view.now]);
                    let nexts: Vec<i64> = from.map(|at| self.next_after(buckets.unit, at)).collect();
                    instants.extend(nexts);
                }
                instants
            }
            Kind::AtLeast | Kind::Within => self.arrivals(event),
            Kind::During | Kind::OutsideOf => {
                let change = |asked: &Asked| asked.schedule.changes(self.view.now, &self.state.present.zone);
                schedule.and_then(change).into_iter().collect()
            }
        }
    }

    /// When the bucket after that of an instant begins.
    fn next_after(&self, unit: Unit, at: i64) -> i64 {
        let number = Numbers::at(at, self.state.present.zone.segment(at).offset).of(unit);
        start_of(unit, number.saturating_add(1), &self.state.present.zone, at)
    }

    /// When buckets of `unit` leave a window, from the first at which enough could have left to be below `limit`.
    fn leavings(&self, event: &str, limit: u32, unit: Unit, leaves: impl Fn(i64) -> i64) -> Vec<i64> {
        let Some(reading) = self.reading(event) else { return Vec::new() };
        let mut buckets: Vec<(i64, u64)> = Vec::new();
        reading.visit(unit, Doubt::Counts, i64::MIN, |number, count| buckets.push((number, count)));
        // What is read as now for lying ahead leaves by its own number.
        let ahead = self.raw(event, unit).filter(|number| *number > self.view.number(unit));
        buckets.extend(ahead.map(|number| (number, 0)));
        // And by that of the notice, which the clock may have gone back below.
        buckets.extend(self.view.noticed.map(|(_, numbers)| (numbers.of(unit), 0)));
        buckets.sort_unstable();
        // From the newest back: whatever still fits below the limit may stay.
        let mut room = u64::from(limit).saturating_sub(1).saturating_sub(self.unsettled(event));
        let mut stays = 0;
        for (_, count) in buckets.iter().rev() {
            if *count > room {
                break;
            }
            room -= count;
            stays += 1;
        }
        let first = buckets.len().saturating_sub(stays + 1);
        let mut numbers: Vec<i64> = buckets.into_iter().skip(first).map(|(number, _)| number).collect();
        numbers.dedup();
        numbers.into_iter().take(TRIES).map(leaves).collect()
    }

    /// When the coarser buckets end by which lanes are judged that did not count by `unit`.
    fn coarse_ends(&self, event: &str, unit: Unit) -> Vec<i64> {
        let Some(reading) = self.reading(event) else { return Vec::new() };
        let ends = reading.coarser(unit).flat_map(|(coarser, buckets)| {
            buckets.map(move |(number, _)| {
                start_of(coarser, number.saturating_add(1), &self.state.present.zone, i64::MIN)
            })
        });
        ends.collect()
    }

    /// When a wait after the last time is over.
    fn waits(&self, event: &str, millis: i64) -> Vec<i64> {
        let last = self.last_seen(event, Doubt::Counts);
        last.into_iter()
            .chain(self.times_ahead(event))
            .chain(self.noticed())
            .chain(self.doubted(event))
            .chain(self.loss_times(event))
            .map(|last| last.saturating_add(millis))
            .collect()
    }

    /// The ends of the buckets by which other devices are read whose clocks are not believed: of each unit the newest that is not ahead, and the next
    /// ones that are.
    fn doubted(&self, event: &str) -> Vec<i64> {
        let others = self.reading(event).map_or(&[][..], |reading| reading.others);
        let ahead = others.iter().filter(|cell| seen(cell).is_some_and(|seen| seen.last > self.view.now));
        let mut ends = Vec::new();
        for stored in ahead.flat_map(|cell| cell.body.head().series()) {
            let current = self.view.number(stored.unit);
            let numbers: Vec<i64> = stored.buckets().map(|(number, _)| number).collect();
            let newest = numbers.iter().position(|number| *number <= current).unwrap_or(numbers.len());
            let near = numbers.into_iter().take(newest + 1).skip(newest.saturating_sub(4));
            ends.extend(near.map(|number| {
                start_of(stored.unit, number.saturating_add(1), &self.state.present.zone, i64::MIN)
                    .saturating_sub(1)
            }));
        }
        ends
    }

    /// When a step of the clock was noticed. What is read as of then counts as now while the clock shows less.
    fn noticed(&self) -> Option<i64> {
        self.view.noticed.map(|(noticed, _)| noticed)
    }

    /// When stored counts may be read to have been lost.
    fn loss_times(&self, event: &str) -> Vec<i64> {
        let lost: Vec<i64> = self.losses(event).chain(self.stored_losses(event)).collect();
        let noticed = self.noticed().filter(|_| !lost.is_empty());
        lost.into_iter().chain(noticed).collect()
    }

    /// When something that lies ahead will count.
    fn arrivals(&self, event: &str) -> Vec<i64> {
        let mut instants = Vec::new();
        for unit in Unit::ALL {
            let current = self.view.number(unit);
            let mut ahead: Vec<i64> = self.raw(event, unit).filter(|number| *number > current).collect();
            ahead.sort_unstable();
            ahead.dedup();
            ahead.truncate(TRIES);
            let begins = |number| start_of(unit, number, &self.state.present.zone, self.view.now);
            instants.extend(ahead.into_iter().map(begins));
        }
        for time in self.times_ahead(event) {
            instants.extend([time, time.saturating_sub(JITTER)]);
        }
        instants.extend(self.state.present.watch.step.map(|step| step.peak));
        instants
    }

    /// The bucket numbers of all lanes as they are recorded.
    fn raw(&self, event: &str, unit: Unit) -> impl Iterator<Item = i64> {
        let reading = self.reading(event);
        let place = self.state.present.tracking.find(unit).map(|(place, _)| place);
        let own = reading
            .and_then(|reading| reading.own)
            .zip(place)
            .map(|(own, place)| own.pairs(&self.state.present.tracking, place));
        let others = reading.map_or(&[][..], |reading| reading.others);
        let others = others.iter().flat_map(move |cell| cell.body.head().buckets(unit));
        own.into_iter().flatten().chain(others).map(|(number, _)| number)
    }

    /// When each lane last counted the event, as it is recorded.
    fn last_times(&self, event: &str) -> impl Iterator<Item = i64> {
        let reading = self.reading(event);
        let own = reading.and_then(|reading| reading.own).and_then(Cell::seen);
        let others = reading.map_or(&[][..], |reading| reading.others).iter().filter_map(seen);
        own.into_iter().chain(others).map(|seen| seen.last)
    }

    /// The seen times that lie ahead of now, as they are recorded.
    fn times_ahead(&self, event: &str) -> impl Iterator<Item = i64> {
        let now = self.view.now;
        let reading = self.reading(event);
        let own = reading.and_then(|reading| reading.own).and_then(Cell::seen);
        let others = reading.map_or(&[][..], |reading| reading.others).iter().filter_map(seen);
        let times = own.into_iter().chain(others).flat_map(|seen| seen.ahead.into_iter().chain([seen.last]));
        times.filter(move |time| *time > now)
    }
}

fn passes(state: &State, rule: Rule<'_>, at: i64) -> bool {
    let view = state.present.view_at(at);
    let verdict = Scene { state, view: &view }.verdict(&rule);
    verdict.is_ok_and(|verdict| verdict.passes)
}
