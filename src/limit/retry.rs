//! When a limit that refuses will pass if nothing else is recorded.
//!
//! While nothing is recorded, a count only falls, because recordings leave the window. It can rise
//! only at certain instants (`rises`). Between two of these instants the first one at which a rule
//! passes, or stops passing, is found by bisection. So the answer always agrees with the verdict.
//!
//! Rules that have to pass together are asked in turn for the first instant at which they pass,
//! each from the latest answer on, until no answer is later.

use std::cell::{Cell, RefCell};

use chrono::Duration;

use super::evaluate::{Evaluation, RuleWindow};
use super::rule::{Rule, RuleKind, Subject};
use super::rules::{Children, Limit};
use crate::bounds::{MAX_RETRY_LOOKAHEAD, MAX_RETRY_STEPS};
use crate::counter::view::View;
use crate::counter::window::Bound;
use crate::query::range;
use crate::time::instant::{self, LATEST};
use crate::time::offsets::Offsets;

/// The search for the instant at which some rules of a limit pass.
pub(super) struct Search<'e> {
    evaluation: &'e Evaluation<'e>,
    limit: &'e Limit,
    /// How many more rules may be asked.
    steps: Cell<u32>,
    /// The last instant at which rules were asked, and how everything is read then.
    last_view: RefCell<Option<View>>,
}

impl<'e> Search<'e> {
    pub(super) fn new(evaluation: &'e Evaluation<'e>, limit: &'e Limit) -> Search<'e> {
        Search { evaluation, limit, steps: Cell::new(0), last_view: RefCell::new(None) }
    }

    /// How long until a rule or a group passes, or stops passing, as `wanted` says and as it does
    /// not now. Absent if waiting does not help, or if that is not known.
    pub(super) fn wait(&self, index: usize, rule: &Rule<Subject<'_>>, wanted: bool) -> Option<Duration> {
        self.begin();
        let now = self.evaluation.snapshot.now();
        let at = match rule.subject {
            Subject::Event(_) | Subject::Since { .. } => self.change(rule, now, wanted)?,
            Subject::Schedule(..) | Subject::Group(_) => self.next(index, rule, (now, i64::MAX), wanted)?,
        };
        self.wait_until(at)
    }

    /// How long until the whole limit passes, if its rules pass by themselves after `waits`. Absent
    /// if one of them does not, or if the limit asks a schedule of the app.
    pub(super) fn wait_of_all(&self, waits: impl IntoIterator<Item = Option<Duration>>) -> Option<Duration> {
        let reading = self.evaluation.snapshot.reading_of_clock();
        let waits = waits.into_iter();
        let latest =
            waits.map(|wait| Some(wait?.num_milliseconds())).reduce(|one, other| Some(one?.max(other?)));
        let latest = reading.saturating_add(latest??);
        let rules = self.limit.children(0..self.limit.len());
        if self.limit.asks_app() {
            return None;
        }
        self.begin();
        let at = self.settled(rules, (latest, i64::MAX), true)?;
        self.wait_until(at)
    }

    /// The wait until an instant that was found; absent if the search ended early.
    fn wait_until(&self, at: i64) -> Option<Duration> {
        let is_found = self.steps.get() > 0;
        is_found.then(|| instant::since(at, self.evaluation.snapshot.reading_of_clock()))
    }

    fn begin(&self) {
        self.steps.set(MAX_RETRY_STEPS);
    }

    /// The first instant of a range at which a rule or a group passes, or does not, as `wanted`
    /// says. It can lie behind the end of the range.
    fn next(&self, index: usize, rule: &Rule<Subject<'_>>, range: (i64, i64), wanted: bool) -> Option<i64> {
        let children = || self.limit.children_of(index, rule);
        match (rule.kind, wanted) {
            (RuleKind::AllOf, true) | (RuleKind::AnyOf, false) => self.together(children(), range, wanted),
            (RuleKind::AllOf, false) | (RuleKind::AnyOf, true) => self.earliest(children(), range, wanted),
            (RuleKind::NoneOf, true) => self.together(children(), range, false),
            (RuleKind::NoneOf, false) => self.earliest(children(), range, true),
            _ => self.next_of_one(rule, range.0, wanted),
        }
    }

    /// The first instant at which one of some rules does what is wanted. Absent if the app decides
    /// one of them.
    ///
    /// A group is searched only as far as the answers of the others, because rules that never pass
    /// together take many steps.
    fn earliest(&self, rules: Children<'_>, (from, end): (i64, i64), wanted: bool) -> Option<i64> {
        if rules.clone().any(|(index, rule)| self.asks_app(index, &rule)) {
            return None;
        }
        let is_group = |rule: &Rule<_>| matches!(rule.subject, Subject::Group(_));
        let single = rules.clone().filter(|(_, rule)| !is_group(rule));
        let groups = rules.filter(|(_, rule)| is_group(rule));
        if groups.clone().any(|(index, rule)| self.passes_then(index, &rule, from) == wanted) {
            return Some(from);
        }
        let mut first = None;
        for (index, rule) in single.chain(groups) {
            let next = self.next(index, &rule, (from, first.unwrap_or(end)), wanted);
            first = first.into_iter().chain(next).min();
            if first == Some(from) {
                break;
            }
        }
        first
    }

    /// The first instant at which all of some rules do what is wanted.
    fn together(&self, rules: Children<'_>, range: (i64, i64), wanted: bool) -> Option<i64> {
        let first = |(index, rule): (usize, Rule<_>)| self.next(index, &rule, range, wanted);
        let latest = rules.clone().map(first).reduce(|one, other| Some(one?.max(other?)))??;
        self.settled(rules, (latest, range.1), wanted)
    }

    /// `together` from an instant on before which not all of them do.
    fn settled(&self, rules: Children<'_>, (mut at, end): (i64, i64), wanted: bool) -> Option<i64> {
        if rules.clone().nth(1).is_none() {
            return Some(at);
        }
        let longest = rules.clone().map(|(index, rule)| self.longest_window(index, &rule)).max().unwrap_or(0);
        let end = at.saturating_add(longest).saturating_add(MAX_RETRY_LOOKAHEAD).min(end);
        // How many rules in turn agreed to the instant.
        let (count, mut agreed) = (rules.clone().count(), 0);
        let mut rules = rules.cycle();
        while agreed < count {
            let (index, rule) = rules.next()?;
            let next = self.next(index, &rule, (at, end), wanted)?;
            if next > end {
                return None;
            }
            agreed = if next > at { 1 } else { agreed + 1 };
            at = next;
        }
        Some(at)
    }

    /// The length of the longest window of a rule or a group, in milliseconds.
    fn longest_window(&self, index: usize, rule: &Rule<Subject<'_>>) -> i64 {
        match rule.window() {
            Some(RuleWindow::Rolling(millis)) => millis,
            Some(RuleWindow::Calendar(unit, buckets)) => buckets.saturating_mul(unit.greatest_span()),
            Some(RuleWindow::Ever | RuleWindow::Since) => 0,
            None => {
                let children = self.limit.children_of(index, rule);
                let longest = children.map(|(index, rule)| self.longest_window(index, &rule)).max();
                let schedule =
                    rule.schedule().map(|schedule| schedule.ends_after(self.evaluation.snapshot.now()));
                longest.or(schedule).unwrap_or(0)
            }
        }
    }

    fn asks_app(&self, index: usize, rule: &Rule<Subject<'_>>) -> bool {
        rule.schedule().is_some_and(|schedule| schedule.is_custom())
            || self.limit.children_of(index, rule).any(|(index, rule)| self.asks_app(index, &rule))
    }

    /// `next` for a rule that is no group.
    fn next_of_one(&self, rule: &Rule<Subject<'_>>, from: i64, wanted: bool) -> Option<i64> {
        // When no step is left, nothing is found any more.
        let steps = self.steps.get().saturating_sub(1);
        self.steps.set(steps);
        if steps == 0 {
            return None;
        }
        if let Some(schedule) = rule.schedule() {
            let zone = self.evaluation.snapshot.zone();
            let holds = wanted == (rule.kind == RuleKind::During);
            return match schedule.is_custom() {
                true => None,
                false if schedule.holds(from, zone) == holds => Some(from),
                false => schedule.changes(from, zone),
            };
        }
        match self.one_passes_then(rule, from) == wanted {
            true => Some(from),
            false => self.change(rule, from, wanted),
        }
    }

    /// The first instant after `from` at which a rule that counts does what is wanted, if it does
    /// not at `from`.
    fn change(&self, rule: &Rule<Subject<'_>>, from: i64, wanted: bool) -> Option<i64> {
        let is_wanted = |at: i64| self.one_passes_then(rule, at) == wanted;
        let window = rule.window()?;
        let mut rises = self.evaluation.rises(rule, window);
        // Whether the verdict becomes the wanted one when the count falls.
        let falls = rule.needs_count() != wanted;
        if falls && let Some(end) = self.usual_end(rule, window).filter(|end| *end > from && *end <= LATEST) {
            let is_rise = |at: &i64| *at > from && *at <= end;
            // The view of the end is kept for the rules that are asked next.
            if !rises.iter().any(is_rise) && !is_wanted(end.saturating_sub(1)) && is_wanted(end) {
                return Some(end);
            }
        }
        rises.retain(|at| *at > from && *at < LATEST);
        rises.sort_unstable();
        rises.dedup();
        let mut before = from;
        for next in rises.into_iter().chain([LATEST]) {
            if falls && is_wanted(next.saturating_sub(1)) {
                return Some(first_between(before, next.saturating_sub(1), is_wanted));
            }
            if is_wanted(next) {
                return Some(next);
            }
            before = next;
        }
        None
    }

    /// The instant at which enough recordings have left the window, in the usual case: only the own
    /// cell counts, nothing lies ahead of the clock, and the offset of the local clock does not
    /// change. In other cases it can be wrong, so the caller verifies it.
    fn usual_end(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> Option<i64> {
        let snapshot = self.evaluation.snapshot;
        let reading = snapshot.reading(rule.event())?;
        let pending = match rule.compared() {
            Bound::Upper => self.evaluation.pending(rule.event()),
            Bound::Lower => 0,
        };
        let least = rule.least().checked_sub(pending).filter(|least| *least > 0)?;
        let offsets = Offsets::of(snapshot.view.current.offset);
        match window {
            RuleWindow::Rolling(millis) if least == 1 => Some(reading.last_seen()?.saturating_add(millis)),
            RuleWindow::Rolling(millis) => {
                let unit = range::rolling_unit(millis, snapshot.tracking())?;
                let number = reading.bucket_of(unit, least)?;
                // The bounds differ by the bucket in which the window begins.
                let edge = match rule.compared() {
                    Bound::Upper => offsets.end_of(unit, number).saturating_sub(1),
                    Bound::Lower => offsets.start_of(unit, number),
                };
                Some(edge.saturating_add(millis))
            }
            RuleWindow::Calendar(unit, buckets) => {
                Some(offsets.start_of(unit, reading.bucket_of(unit, least)?.saturating_add(buckets)))
            }
            RuleWindow::Ever | RuleWindow::Since => None,
        }
    }

    /// Whether a rule that is no group passes at `then`.
    fn one_passes_then(&self, rule: &Rule<Subject<'_>>, then: i64) -> bool {
        self.is_then(then, |evaluation| evaluation.verdict(rule).passes)
    }

    /// Whether a rule or a group passes at `then`.
    fn passes_then(&self, index: usize, rule: &Rule<Subject<'_>>, then: i64) -> bool {
        self.is_then(then, |evaluation| evaluation.passes(self.limit, index, rule))
    }

    /// What an evaluation at `then` says. Rules are often asked about the same instant in turn.
    fn is_then(&self, then: i64, says: impl FnOnce(&Evaluation<'_>) -> bool) -> bool {
        let snapshot = self.evaluation.snapshot;
        if then == snapshot.now() {
            return says(self.evaluation);
        }
        let mut last = self.last_view.borrow_mut();
        if last.as_ref().is_none_or(|view| view.now != then) {
            *last = Some(snapshot.view_at(then));
        }
        last.as_ref().is_some_and(|view| says(&self.evaluation.through(view)))
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
