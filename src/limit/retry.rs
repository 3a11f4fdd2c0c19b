//! When a rule that refuses will pass if nothing else is recorded.
//!
//! While nothing is recorded, a count only falls, because recordings leave the window. It can rise
//! only at certain instants: when the clock reaches times that lie ahead, passes its peak, or when
//! the local clock changes. Between two of these instants the first one at which a rule passes is
//! found by bisection. So the answer always agrees with the verdict.

use chrono::Duration;

use super::evaluate::{Evaluation, RuleWindow};
use super::rule::{Rule, Subject};
use crate::bounds::MAX_RETRY_INSTANTS;
use crate::counter::window::Bound;
use crate::query::range;
use crate::time::instant::{self, LATEST};
use crate::time::offsets::Offsets;

impl Evaluation<'_> {
    /// How long until a rule that refuses passes if nothing else is recorded; absent if waiting
    /// does not help.
    pub(crate) fn retry_after(&self, rule: &Rule<Subject<'_>>) -> Option<Duration> {
        self.passes_at(rule).map(|at| instant::since(at, self.snapshot.reading_of_clock()))
    }

    /// The first instant after now at which a rule passes.
    fn passes_at(&self, rule: &Rule<Subject<'_>>) -> Option<i64> {
        let now = self.snapshot.now();
        let Some(window) = rule.window() else {
            return rule.schedule()?.schedule().changes(now, self.snapshot.zone());
        };
        let passes = |at: i64| self.passes_then(rule, at);
        let mut rises = self.rises(rule, window);
        let falls = rule.compared() == Bound::Upper;
        if falls && let Some(end) = self.usual_end(rule, window).filter(|end| *end > now && *end <= LATEST) {
            let is_rise = |at: &i64| *at > now && *at <= end;
            if !rises.iter().any(is_rise) && passes(end) && !passes(end.saturating_sub(1)) {
                return Some(end);
            }
        }
        rises.retain(|at| *at > now && *at < LATEST);
        rises.sort_unstable();
        rises.dedup();
        let mut from = now;
        for next in rises.into_iter().chain([LATEST]) {
            if falls && passes(next.saturating_sub(1)) {
                return Some(first_between(from, next.saturating_sub(1), passes));
            }
            if passes(next) {
                return Some(next);
            }
            from = next;
        }
        None
    }

    /// The instants at which the count can rise. Some of them are not after now.
    fn rises(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> Vec<i64> {
        let (event, snapshot) = (rule.event(), self.snapshot);
        let reading = snapshot.reading(event);
        let mut rises = reading.map_or_else(Vec::new, |reading| reading.rises(MAX_RETRY_INSTANTS));
        rises.extend(snapshot.clock_peak());
        rises.extend(snapshot.loss_instants(event));
        rises.extend(snapshot.stored_reservations(event).iter().map(|reservation| reservation.made));
        if let RuleWindow::Calendar(..) = window {
            rises.extend(snapshot.zone().changes_after(snapshot.now()));
        }
        rises
    }

    /// The instant at which enough recordings have left the window, in the usual case: only the own
    /// cell counts, nothing lies ahead of the clock, and the offset of the local clock does not
    /// change. In other cases it can be wrong, so the caller verifies it.
    fn usual_end(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> Option<i64> {
        let reading = self.snapshot.reading(rule.event())?;
        let least = rule.least().checked_sub(self.pending(rule.event())).filter(|least| *least > 0)?;
        let offsets = Offsets::of(self.snapshot.view.current.offset);
        match window {
            RuleWindow::Rolling(millis) if least == 1 => Some(reading.last_seen()?.saturating_add(millis)),
            RuleWindow::Rolling(millis) => {
                let unit = range::rolling_unit(millis, self.snapshot.tracking())?;
                let end = offsets.end_of(unit, reading.bucket_of(unit, least)?);
                Some(end.saturating_add(millis).saturating_sub(1))
            }
            RuleWindow::Calendar(unit, buckets) => {
                Some(offsets.start_of(unit, reading.bucket_of(unit, least)?.saturating_add(buckets)))
            }
            RuleWindow::Ever => None,
        }
    }

    fn passes_then(&self, rule: &Rule<Subject<'_>>, then: i64) -> bool {
        let view = self.snapshot.view_at(then);
        let verdict = Evaluation::new(self.snapshot.through(&view)).verdict(rule);
        verdict.is_ok_and(|verdict| verdict.passes)
    }
}

/// The first instant at which `passes` is true, if it is false at `refused`, true at `passed`, and
/// changes once between them.
fn first_between(mut refused: i64, mut passed: i64, passes: impl Fn(i64) -> bool) -> i64 {
    // Doubled steps come close to the usual waits, which are short, in a few tries.
    let mut step = 1i64 << 16;
    while step < passed.saturating_sub(refused) {
        let at = refused.saturating_add(step);
        if passes(at) {
            passed = at;
            break;
        }
        refused = at;
        step = step.saturating_mul(8);
    }
    while passed.saturating_sub(refused) > 1 {
        let middle = refused + (passed - refused) / 2;
        if passes(middle) { passed = middle } else { refused = middle }
    }
    passed
}
