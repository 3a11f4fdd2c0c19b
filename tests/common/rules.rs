//! The rules of a limit by definition: whether a rule passes at an instant, and the first instant
//! at which it does.

use std::collections::BTreeSet;

use super::model::{Doubt, View};
use super::unit::{DAY, Unit};
use super::watch::BELIEVED_AHEAD;

#[derive(Debug, Clone, Copy)]
pub enum Window {
    /// A number of units that ends with the current one.
    Calendar(usize, Unit),
    /// The last milliseconds up to now.
    Rolling(i64),
    Ever,
}

#[derive(Debug, Clone, Copy)]
pub enum Rule {
    AtMost(u32, Window),
    AtLeast(u32, Window),
    Cooldown(i64),
    Within(i64),
}

impl Rule {
    /// Whether it depends on when the event last happened.
    pub fn is_about_the_last(&self) -> bool {
        matches!(
            self,
            Rule::Cooldown(_)
                | Rule::Within(_)
                | Rule::AtMost(1, Window::Rolling(_))
                | Rule::AtLeast(1, Window::Rolling(_))
        )
    }
}

/// The result of a rule for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Passes,
    /// Refused for a number of milliseconds, or for ever if nothing else is recorded.
    Refused(Option<i64>),
    /// No tracked unit covers the window.
    Unknowable,
}

impl View<'_> {
    /// The verdict on a rule; `None` if the definition leaves a choice.
    pub fn verdict(&self, event: &str, rule: Rule) -> Option<Verdict> {
        if !self.can_count(rule) {
            return Some(Verdict::Unknowable);
        }
        if self.passes(event, rule)? {
            return Some(Verdict::Passes);
        }
        Some(Verdict::Refused(self.first_pass(event, rule)?.map(|at| at - self.now)))
    }

    /// The unit in which a rule is counted, if there is one.
    pub fn unit_of(&self, rule: Rule) -> Option<Unit> {
        match rule {
            Rule::AtMost(_, Window::Calendar(_, unit)) | Rule::AtLeast(_, Window::Calendar(_, unit)) => {
                Some(unit)
            }
            Rule::AtMost(_, Window::Rolling(span)) | Rule::AtLeast(_, Window::Rolling(span)) => {
                self.unit_for(span)
            }
            _ => None,
        }
    }

    fn can_count(&self, rule: Rule) -> bool {
        match rule {
            Rule::Cooldown(_) | Rule::Within(_) => true,
            Rule::AtMost(1, Window::Rolling(_)) | Rule::AtLeast(0 | 1, Window::Rolling(_)) => true,
            Rule::AtMost(_, window) | Rule::AtLeast(_, window) => match window {
                Window::Calendar(n, unit) => self.tracked(unit).is_some_and(|buckets| n <= buckets),
                Window::Rolling(span) => self.unit_for(span).is_some(),
                Window::Ever => true,
            },
        }
    }

    fn passes(&self, event: &str, rule: Rule) -> Option<bool> {
        let since = |doubt| self.last_at(event, doubt).map(|at| self.now - at);
        Some(match rule {
            Rule::AtMost(1, Window::Rolling(span)) | Rule::Cooldown(span) => {
                since(Doubt::Counts).is_none_or(|since| since >= span)
            }
            Rule::AtMost(limit, window) => self.count(event, window, Side::Refusing)? < u64::from(limit),
            Rule::AtLeast(0, Window::Rolling(_)) => true,
            Rule::AtLeast(1, Window::Rolling(span)) => {
                since(Doubt::Ignored).is_some_and(|since| since < span)
            }
            Rule::AtLeast(count, window) => self.count(event, window, Side::Opening)? >= u64::from(count),
            Rule::Within(span) => since(Doubt::Ignored).is_some_and(|since| since <= span),
        })
    }

    /// The count of a window. A rolling window is counted in the finest unit whose buckets cover
    /// it. Uncertain entries can make a limit refuse, never pass.
    pub fn count(&self, event: &str, window: Window, side: Side) -> Option<u64> {
        let doubt = if side == Side::Refusing { Doubt::Counts } else { Doubt::Ignored };
        if let Window::Ever = window {
            return Some(self.lifetime(event).unwrap_or(0));
        }
        let mut total = 0;
        for (entry, source) in self.entries(event) {
            let inside = match window {
                Window::Calendar(n, unit) => self
                    .number(entry, source, unit, doubt)
                    .is_some_and(|number| number > self.current.get(unit) - n as i64),
                Window::Rolling(span) => {
                    let unit = self.unit_for(span)?;
                    match self.number(entry, source, unit, doubt) {
                        // A bucket that ended long ago in any time zone.
                        _ if entry.at + 2 * unit.span() + 3 * DAY < self.now - span => false,
                        Some(number) => self.lies_in_the_last(span, unit, number, side)?,
                        None => false,
                    }
                }
                Window::Ever => true,
            };
            total += if inside { u64::from(entry.count) } else { 0 };
        }
        Some(total)
    }

    /// Whether a bucket counts in a rolling window. A bucket that is partly inside can make a limit
    /// refuse, never pass.
    fn lies_in_the_last(&self, span: i64, unit: Unit, number: i64, side: Side) -> Option<bool> {
        let (from, until) = self.zone.bounds(unit, number)?;
        Some(match side {
            Side::Refusing => until - 1 > self.now - span,
            Side::Opening => from > self.now - span,
        })
    }

    /// The finest tracked unit whose buckets cover `span`.
    pub fn unit_for(&self, span: i64) -> Option<Unit> {
        let spans = |unit: Unit| self.tracked(unit).is_some_and(|n| n as i64 * unit.span() >= span);
        Unit::ALL.into_iter().find(|unit| spans(*unit))
    }

    /// The first later instant at which the rule passes if nothing else is recorded.
    fn first_pass(&self, event: &str, rule: Rule) -> Option<Option<i64>> {
        for at in self.candidates(event, rule)? {
            if self.at(at).passes(event, rule)? {
                return Some(Some(at));
            }
        }
        Some(None)
    }

    /// The later instants at which the verdict on a refusing rule can change, in order.
    fn candidates(&self, event: &str, rule: Rule) -> Option<Vec<i64>> {
        Some(match rule {
            Rule::AtMost(0, _) | Rule::AtMost(_, Window::Ever) | Rule::AtLeast(_, Window::Ever) => Vec::new(),
            Rule::Cooldown(span) | Rule::AtMost(1, Window::Rolling(span)) => {
                let instants = self.entries(event).into_iter().map(|(entry, _)| entry.at);
                self.later(instants.chain(self.step.map(|step| step.noticed)).map(|at| at + span))
            }
            Rule::AtMost(_, Window::Calendar(n, unit)) => {
                let ends = self.numbers(event, unit).into_iter().map(|number| number + n as i64);
                // A trip west goes back by at most one bucket.
                self.zone.changes(unit, self.now, ends.filter(|end| *end >= self.current.get(unit) - 1))
            }
            Rule::AtMost(_, Window::Rolling(span)) => {
                let unit = self.unit_for(span)?;
                let mut ends = Vec::new();
                for number in self.numbers(event, unit) {
                    ends.push(self.zone.bounds(unit, number)?.1 - 1 + span);
                }
                self.later(ends.into_iter())
            }
            // Time only reduces these counts, except for entries ahead of the clock, which begin to
            // count.
            Rule::AtLeast(_, Window::Calendar(_, unit)) => self.arrivals(event, Some(unit))?,
            Rule::AtLeast(_, Window::Rolling(span)) => self.arrivals(event, self.unit_for(span))?,
            Rule::Within(_) => self.arrivals(event, None)?,
        })
    }

    /// The buckets of the event, and the one in which entries ahead of the clock are read.
    fn numbers(&self, event: &str, unit: Unit) -> BTreeSet<i64> {
        let noticed = self.step.map(|step| self.numbers_at(step.noticed).get(unit));
        let entries = self.entries(event).into_iter();
        entries.map(|(entry, _)| entry.numbers.get(unit)).chain(noticed).collect()
    }

    /// The later instants at which entries ahead of the clock begin to count.
    fn arrivals(&self, event: &str, unit: Option<Unit>) -> Option<Vec<i64>> {
        let mut instants: Vec<i64> = self.step.map(|step| step.peak).into_iter().collect();
        for (entry, _) in self.entries(event) {
            instants.extend([entry.at, entry.at - BELIEVED_AHEAD]);
            if let Some(unit) = unit.filter(|unit| entry.numbers.get(*unit) > self.current.get(*unit)) {
                instants.push(self.zone.bounds(unit, entry.numbers.get(unit))?.0);
            }
        }
        Some(self.later(instants.into_iter()))
    }

    fn later(&self, instants: impl Iterator<Item = i64>) -> Vec<i64> {
        let mut instants: Vec<i64> = instants.filter(|at| *at > self.now).collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }
}

/// What a count is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// To refuse if the count is too high.
    Refusing,
    /// To pass if the count is high enough.
    Opening,
}
