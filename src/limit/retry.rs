//! When a rule that refuses will pass if nothing else is recorded.
//!
//! A verdict can change only at certain instants: a bucket leaves its window, a wait is over, the
//! clock reaches an entry that lies ahead, a schedule changes. These instants are collected and the
//! rule is evaluated at each of them in order, so the answer always agrees with the verdict.

use chrono::Duration;

use super::evaluate::{Evaluation, Verdict};
use super::rule::{Rule, RuleKind, Subject};
use crate::bounds::{JITTER, MAX_RETRY_INSTANTS};
use crate::codec::ReservationRecord;
use crate::counter::cell::Cell;
use crate::counter::reading::{seen_times, start_of};
use crate::counter::view::FutureEntries;
use crate::time::instant::{self, LATEST};
use crate::time::unit::{TimeUnit, Unit};

impl Evaluation<'_> {
    /// How long until a rule that refuses passes if nothing else is recorded; absent if waiting
    /// does not help.
    pub(crate) fn retry_after(&self, rule: &Rule<Subject<'_>>, verdict: &Verdict) -> Option<Duration> {
        let passes_at = verdict.passes_at.or_else(|| self.passes_at(rule));
        passes_at.map(|at| instant::since(at, self.snapshot.now()))
    }

    /// The first instant after now at which a rule passes.
    fn passes_at(&self, rule: &Rule<Subject<'_>>) -> Option<i64> {
        let now = self.snapshot.now();
        let mut instants = self.instants(rule);
        instants.extend(self.expiries(rule));
        instants.retain(|at| *at > now && *at <= LATEST);
        instants.sort_unstable();
        instants.dedup();
        instants.into_iter().take(MAX_RETRY_INSTANTS).find(|at| self.passes_then(rule, *at))
    }

    fn passes_then(&self, rule: &Rule<Subject<'_>>, then: i64) -> bool {
        let view = self.snapshot.view_at(then);
        let verdict = Evaluation::new(self.snapshot.through(&view)).verdict(rule);
        verdict.is_ok_and(|verdict| verdict.passes)
    }

    /// When stored reservations expire.
    fn expiries(&self, rule: &Rule<Subject<'_>>) -> Vec<i64> {
        if rule.kind != RuleKind::AtMost {
            return Vec::new();
        }
        // A reservation made ahead of the clock counts from the notice, also if the clock has gone
        // back below that since.
        let starts = |reservation: &ReservationRecord| self.noticed().into_iter().chain([reservation.made]);
        let stored = self.snapshot.stored_reservations(rule.event()).iter();
        stored
            .flat_map(|reservation| starts(reservation).map(|at| at.saturating_add(reservation.duration)))
            .collect()
    }

    /// The instants at which the verdict can change, expiries aside.
    fn instants(&self, rule: &Rule<Subject<'_>>) -> Vec<i64> {
        let (event, amount) = (rule.event(), rule.amount);
        match (rule.kind, rule.unit) {
            (RuleKind::AtMost, Some(unit)) => self.calendar_ends(event, rule.bound, amount, unit),
            (RuleKind::AtMost, None) if rule.bound == 1 => self.wait_ends(event, amount),
            (RuleKind::AtMost, None) => self.rolling_ends(event, rule.bound, amount),
            (RuleKind::Cooldown, _) => self.wait_ends(event, amount),
            (RuleKind::AtLeast, None) => {
                let mut instants = self.arrival_instants(event);
                // An entry slightly ahead is read as now. It lies completely in a short window when
                // its bucket begins.
                if let Ok(buckets) = self.rolling(amount) {
                    let from = instants.iter().copied().chain([self.snapshot.now()]);
                    let nexts: Vec<i64> = from.map(|at| self.next_after(buckets.unit, at)).collect();
                    instants.extend(nexts);
                }
                instants
            }
            (RuleKind::AtLeast | RuleKind::Within, _) => self.arrival_instants(event),
            (RuleKind::During | RuleKind::OutsideOf, _) => {
                let (now, zone) = (self.snapshot.now(), self.snapshot.zone());
                let change = rule.schedule().and_then(|schedule| schedule.schedule().changes(now, zone));
                change.into_iter().collect()
            }
        }
    }

    /// When counts leave a calendar window.
    fn calendar_ends(&self, event: &str, limit: u32, count: i64, unit: TimeUnit) -> Vec<i64> {
        let Some(unit) = Unit::of(unit) else { return Vec::new() };
        let leaves = |number: i64| {
            let after = number.saturating_add(count);
            start_of(unit, after, self.snapshot.zone(), self.snapshot.now())
        };
        // All counts of a lane without this unit leave with its last time.
        let times = self.loss_times(event).into_iter().chain(self.last_times(event));
        let ends = times.map(|at| leaves(self.number_at(at, unit)));
        let coarse = self.coarse_ends(event, unit).into_iter().flat_map(|end| {
            let number = self.number_at(end, unit);
            [leaves(number.saturating_sub(1)), leaves(number)]
        });
        let leave_instants = self.leave_instants(event, limit, unit, leaves);
        leave_instants.into_iter().chain(ends).chain(coarse).collect()
    }

    /// When counts leave a rolling window.
    fn rolling_ends(&self, event: &str, limit: u32, millis: i64) -> Vec<i64> {
        let Ok(buckets) = self.rolling(millis) else { return Vec::new() };
        let leave_instants = self.leave_instants(event, limit, buckets.unit, |number| {
            // The bucket's last instant is then one window ago, which is outside.
            let start = self.snapshot.now().saturating_sub(millis);
            let next = number.saturating_add(1);
            let end = start_of(buckets.unit, next, self.snapshot.zone(), start);
            end.saturating_sub(1).saturating_add(millis)
        });
        let ends = self.loss_times(event).into_iter().chain(self.last_times(event));
        let ends = ends.map(|at| at.saturating_add(millis));
        let coarse = self.coarse_ends(event, buckets.unit).into_iter();
        let coarse = coarse.map(|end| end.saturating_add(millis).saturating_sub(1));
        leave_instants.into_iter().chain(ends).chain(coarse).collect()
    }

    /// When the bucket after that of an instant begins.
    fn next_after(&self, unit: Unit, at: i64) -> i64 {
        let next = self.number_at(at, unit).saturating_add(1);
        start_of(unit, next, self.snapshot.zone(), at)
    }

    /// When buckets leave a window, from the first one whose leaving could bring the count below
    /// `limit`.
    fn leave_instants(&self, event: &str, limit: u32, unit: Unit, leaves: impl Fn(i64) -> i64) -> Vec<i64> {
        let Some(reading) = self.snapshot.reading(event) else { return Vec::new() };
        let view = self.snapshot.view;
        let mut buckets: Vec<(i64, u64)> = Vec::new();
        reading.visit(unit, FutureEntries::Clamp, i64::MIN, |number, count| buckets.push((number, count)));
        // Also the instants at which a bucket ahead leaves by its own number, and by that of the
        // notice: the clock may since have gone back below the notice.
        let ahead = self.recorded_numbers(event, unit).filter(|number| *number > view.number(unit));
        buckets.extend(ahead.map(|number| (number, 0)));
        buckets.extend(view.noticed.map(|(_, numbers)| (numbers.get(unit), 0)));
        buckets.sort_unstable();
        // From the newest back: buckets that fit below the limit may stay.
        let reserved = self.snapshot.process_reservations(event);
        let mut room = u64::from(limit).saturating_sub(1).saturating_sub(reserved);
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
        numbers.into_iter().take(MAX_RETRY_INSTANTS).map(leaves).collect()
    }

    /// When the coarser buckets end that stand for lanes without counts in `unit`.
    fn coarse_ends(&self, event: &str, unit: Unit) -> Vec<i64> {
        let Some(reading) = self.snapshot.reading(event) else { return Vec::new() };
        let zone = self.snapshot.zone();
        let ends = reading.coarser(unit).flat_map(|(coarser, buckets)| {
            buckets.map(move |(number, _)| start_of(coarser, number.saturating_add(1), zone, i64::MIN))
        });
        ends.collect()
    }

    /// When a wait after the last recording is over.
    fn wait_ends(&self, event: &str, millis: i64) -> Vec<i64> {
        let last = self.last_seen(event, FutureEntries::Clamp);
        last.into_iter()
            .chain(self.times_ahead(event))
            .chain(self.noticed())
            .chain(self.unbelieved_ends(event))
            .chain(self.loss_times(event))
            .map(|last| last.saturating_add(millis))
            .collect()
    }

    /// The ends of the buckets that stand for the last time of lanes whose clocks are not
    /// believed: of each unit the newest bucket that is not ahead, and the next ones that are.
    fn unbelieved_ends(&self, event: &str) -> Vec<i64> {
        let view = self.snapshot.view;
        let others = self.snapshot.reading(event).map_or(&[][..], |reading| reading.others);
        let ahead = others.iter().filter(|cell| seen_times(cell).is_some_and(|seen| seen.last > view.now));
        let mut ends = Vec::new();
        for stored in ahead.flat_map(|cell| cell.body.head().series()) {
            let current = view.number(stored.unit);
            let numbers: Vec<i64> = stored.pairs().map(|(number, _)| number).collect();
            let newest = numbers.iter().position(|number| *number <= current).unwrap_or(numbers.len());
            let near = numbers.into_iter().take(newest + 1).skip(newest.saturating_sub(4));
            ends.extend(near.map(|number| {
                let next = number.saturating_add(1);
                start_of(stored.unit, next, self.snapshot.zone(), i64::MIN).saturating_sub(1)
            }));
        }
        ends
    }

    /// When the open clock step was noticed. Entries that are read as of then count as now while the
    /// clock shows less.
    fn noticed(&self) -> Option<i64> {
        self.snapshot.view.noticed.map(|(noticed, _)| noticed)
    }

    /// The instants as which losses of stored counts may be read.
    fn loss_times(&self, event: &str) -> Vec<i64> {
        let lost: Vec<i64> = self.losses(event).chain(self.snapshot.loss_instants(event)).collect();
        let noticed = self.noticed().filter(|_| !lost.is_empty());
        lost.into_iter().chain(noticed).collect()
    }

    /// When entries that lie ahead begin to count.
    fn arrival_instants(&self, event: &str) -> Vec<i64> {
        let mut instants = Vec::new();
        for unit in Unit::ALL {
            let current = self.snapshot.view.number(unit);
            let numbers = self.recorded_numbers(event, unit);
            let mut ahead: Vec<i64> = numbers.filter(|number| *number > current).collect();
            ahead.sort_unstable();
            ahead.dedup();
            ahead.truncate(MAX_RETRY_INSTANTS);
            let start = |number| start_of(unit, number, self.snapshot.zone(), self.snapshot.now());
            instants.extend(ahead.into_iter().map(start));
        }
        for time in self.times_ahead(event) {
            instants.extend([time, time.saturating_sub(JITTER)]);
        }
        instants.extend(self.snapshot.clock_peak());
        instants
    }

    /// The bucket numbers of all lanes as they are recorded.
    fn recorded_numbers(&self, event: &str, unit: Unit) -> impl Iterator<Item = i64> {
        let reading = self.snapshot.reading(event);
        let tracking = self.snapshot.tracking();
        let series = tracking.find(unit).map(|(series, _)| series);
        let own = reading.and_then(|reading| reading.own).zip(series);
        let own = own.map(|(own, series)| own.pairs(tracking, series));
        let others = reading.map_or(&[][..], |reading| reading.others);
        let others = others.iter().flat_map(move |cell| cell.body.head().pairs(unit));
        own.into_iter().flatten().chain(others).map(|(number, _)| number)
    }

    /// When each lane last counted the event, as it is recorded.
    fn last_times(&self, event: &str) -> impl Iterator<Item = i64> {
        let reading = self.snapshot.reading(event);
        let own = reading.and_then(|reading| reading.own).and_then(Cell::seen);
        let others = reading.map_or(&[][..], |reading| reading.others).iter().filter_map(seen_times);
        own.into_iter().chain(others).map(|seen| seen.last)
    }

    /// The seen times that lie ahead of now, as they are recorded.
    fn times_ahead(&self, event: &str) -> impl Iterator<Item = i64> {
        let now = self.snapshot.now();
        let reading = self.snapshot.reading(event);
        let own = reading.and_then(|reading| reading.own).and_then(Cell::seen);
        let others = reading.map_or(&[][..], |reading| reading.others).iter().filter_map(seen_times);
        let times = own.into_iter().chain(others).flat_map(|seen| seen.ahead.into_iter().chain([seen.last]));
        times.filter(move |time| *time > now)
    }
}
