//! The rules of a limit by definition: whether a rule passes at an instant.

use super::model::{Counted, Side, View};
use super::unit::{DAY, SECOND, Unit};

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
    /// The window, the bound that is compared, and the count at which the verdict changes.
    pub fn parts(self) -> (Window, Side, u64) {
        match self {
            Rule::AtMost(limit, window) => (window, Side::Upper, limit.into()),
            Rule::AtLeast(count, window) => (window, Side::Lower, count.into()),
            Rule::Cooldown(span) => (Window::Rolling(span), Side::Upper, 1),
            // The instant that lies the whole span ago is included.
            Rule::Within(span) => (Window::Rolling(span + 1), Side::Lower, 1),
        }
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
    /// Whether a rule passes; `None` if the tracked units do not reach back over its window.
    pub fn passes(&self, event: &str, rule: Rule) -> Option<bool> {
        let (window, side, least) = rule.parts();
        let count = || self.count(event, window, side);
        self.reaches(rule).then(|| if side == Side::Upper { count() < least } else { count() >= least })
    }

    /// Whether the tracked units reach back over the window of a rule.
    pub fn reaches(&self, rule: Rule) -> bool {
        match rule.parts() {
            (Window::Calendar(n, unit), ..) => self.tracked(unit).is_some_and(|buckets| n <= buckets),
            (Window::Rolling(span), _, least) => least <= 1 || self.unit_for(span).is_some(),
            (Window::Ever, ..) => true,
        }
    }

    /// A bound of the count in a window.
    pub fn count(&self, event: &str, window: Window, side: Side) -> u64 {
        let lanes = self.lanes(event);
        let sum = |count: &dyn Fn(&Counted) -> u64| lanes.iter().map(count).sum();
        match window {
            Window::Ever => sum(&|lane| lane.lifetime()),
            Window::Rolling(span) => {
                let (start, unit) = (self.now - span + 1, self.unit_for(span));
                sum(&|lane| lane.since(start, unit, side))
            }
            Window::Calendar(n, unit) => {
                let lowest = self.current.get(unit) - n as i64 + 1;
                sum(&|lane| lane.since_bucket(unit, lowest, self.numbers_at(lane.as_of).get(unit), side))
            }
        }
    }

    /// Whether the bounds of a window are defined to the last count. Otherwise the store may have
    /// dropped counts, and may only state wider bounds.
    pub fn is_defined(&self, event: &str, rule: Rule) -> bool {
        let (window, _, least) = rule.parts();
        match window {
            Window::Ever => true,
            Window::Calendar(n, unit) => self.has_all(event, unit, n),
            Window::Rolling(span) => {
                let unit = self.unit_for(span);
                let has_all = unit.is_none_or(|unit| self.has_all(event, unit, self.tracked(unit).unwrap()));
                self.knows_last(event)
                    && ((least == 1 && matches!(rule, Rule::AtMost(..) | Rule::Cooldown(_)))
                        || (self.is_steady && has_all))
            }
        }
    }

    /// The true count in a window: of a calendar window, what lies in it both by its own local date
    /// and by the zone in which the device is now.
    pub fn true_count(&self, event: &str, window: Window) -> u64 {
        let lies_inside = |entry: &super::model::Entry| match window {
            Window::Ever => true,
            Window::Rolling(span) => entry.truth > self.truth - span,
            Window::Calendar(n, unit) => {
                let lowest = self.numbers_at(self.truth).get(unit) - n as i64 + 1;
                let own = super::unit::Numbers::of(entry.truth, entry.offset).get(unit);
                own >= lowest && self.numbers_at(entry.truth).get(unit) >= lowest
            }
        };
        let entries = self.entries(event).into_iter().filter(|entry| lies_inside(entry));
        entries.map(|entry| u64::from(entry.count)).sum()
    }

    /// The bounds that the count of a rolling window must keep under a right clock: what happened
    /// since one bucket before its beginning, and since one bucket after it.
    pub fn tight(&self, event: &str, span: i64) -> (u64, u64) {
        let start = self.now - span + 1;
        let Some(unit) = self.unit_for(span) else { return (0, self.lifetime(event).unwrap_or(0)) };
        let (mut lower, mut upper) = (0, 0);
        for lane in self.lanes(event) {
            let bucket = unit.longest() + if unit.is_civil() { lane.spread() } else { 0 };
            let since = |from: i64| -> u64 {
                let entries = lane.entries.iter().filter(|entry| entry.truth >= from);
                entries.map(|entry| u64::from(entry.count)).sum()
            };
            lower += since(start + bucket);
            upper += since(start - bucket + 1);
        }
        (lower, upper)
    }

    /// An instant at which a refusal that reports no wait must still refuse, if nothing is recorded.
    pub fn long_after(&self, rule: Rule) -> i64 {
        let window = match rule.parts().0 {
            Window::Rolling(span) => span,
            Window::Calendar(n, unit) => n as i64 * unit.longest(),
            Window::Ever => SECOND,
        };
        self.now + window + 400 * DAY
    }
}
