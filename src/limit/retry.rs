//! When a rule that refuses will pass if nothing else is recorded.
//!
//! While nothing is recorded, a count only falls, because counts leave their window. It can rise
//! only at certain instants: when the clock reaches times that lie ahead, passes its peak, or when
//! the local clock changes. Between two of these instants the first one at which a rule passes is
//! found by bisection. So the answer always agrees with the verdict.

use chrono::Duration;

use super::evaluate::{Evaluation, RuleWindow};
use super::rule::{Rule, Subject};
use crate::bounds::MAX_RETRY_INSTANTS;
use crate::counter::window::Bound;
use crate::time::instant::{self, LATEST};

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
        let event = rule.event();
        let reading = self.snapshot.reading(event);
        let falls = rule.compared() == Bound::Upper;
        let mut rises: Vec<i64> = reading.map_or_else(Vec::new, |reading| reading.rises(MAX_RETRY_INSTANTS));
        rises.extend(self.snapshot.clock_peak());
        rises.extend(self.snapshot.loss_instants(event));
        rises.extend(self.snapshot.stored_reservations(event).iter().map(|reservation| reservation.made));
        if let RuleWindow::Calendar(..) = window {
            rises.extend(self.snapshot.zone().changes_after(now));
        }
        rises.retain(|at| *at > now && *at < LATEST);
        rises.sort_unstable();
        rises.dedup();
        let passes = |at: i64| self.passes_then(rule, at);
        if falls
            && rises.is_empty()
            && let RuleWindow::Rolling(millis) = window
        {
            // The usual case: the last recording leaves the window.
            let last = reading.and_then(|reading| reading.last_seen());
            let end = last.map(|last| last.saturating_add(millis)).filter(|end| *end > now && *end <= LATEST);
            if let Some(end) = end.filter(|end| passes(*end) && !passes(end.saturating_sub(1))) {
                return Some(end);
            }
        }
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
