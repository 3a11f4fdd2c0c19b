//! The rules of a limit, by definition: may it pass at an instant, and when is the first instant at which it does.

use super::model::View;
use super::unit::{DAY, Unit};

#[derive(Debug, Clone, Copy)]
pub enum Window {
    /// So many units ending with the current one.
    Calendar(usize, Unit),
    /// The last so many milliseconds.
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

/// What a rule says about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Passes,
    /// Refused, for so many milliseconds, or for ever if nothing else happens.
    Refused(Option<i64>),
    /// The tracked units cannot tell.
    Unknowable,
}

impl View<'_> {
    /// The verdict on a rule; nothing where the definition leaves a choice.
    pub fn verdict(&self, event: &str, rule: Rule) -> Option<Verdict> {
        if !self.can_count(rule) {
            return Some(Verdict::Unknowable);
        }
        if self.passes(event, rule)? {
            return Some(Verdict::Passes);
        }
        Some(Verdict::Refused(self.first_pass(event, rule)?.map(|at| at - self.now)))
    }

    fn can_count(&self, rule: Rule) -> bool {
        match rule {
            Rule::Cooldown(_) | Rule::Within(_) | Rule::AtMost(1, Window::Rolling(_)) => true,
            Rule::AtMost(_, window) | Rule::AtLeast(_, window) => match window {
                Window::Calendar(n, unit) => self.tracked(unit).is_some_and(|buckets| n <= buckets),
                Window::Rolling(span) => self.unit_for(span).is_some(),
                Window::Ever => true,
            },
        }
    }

    fn passes(&self, event: &str, rule: Rule) -> Option<bool> {
        let since = self.last_at(event).map(|at| self.now - at);
        Some(match rule {
            Rule::AtMost(1, Window::Rolling(span)) | Rule::Cooldown(span) => {
                since.is_none_or(|since| since >= span)
            }
            Rule::AtMost(limit, window) => self.count(event, window, Straddling::Counts)? < u64::from(limit),
            Rule::AtLeast(count, window) => {
                self.count(event, window, Straddling::Ignored)? >= u64::from(count)
            }
            Rule::Within(span) => since.is_some_and(|since| since < span),
        })
    }

    /// How much a window holds. A rolling one is counted in the finest unit whose buckets span it.
    pub fn count(&self, event: &str, window: Window, straddling: Straddling) -> Option<u64> {
        match window {
            Window::Ever => Some(self.lifetime(event).unwrap_or(0)),
            Window::Calendar(n, unit) => Some(self.buckets(event, unit, n).iter().sum()),
            Window::Rolling(span) => {
                let (unit, edge) = (self.unit_for(span)?, self.now - span);
                let mut total = 0;
                for (entry, own) in self.entries(event) {
                    let Some(number) = self.number(entry, own, unit) else { continue };
                    if entry.at + 2 * unit.span() + 3 * DAY < edge {
                        continue; // Its bucket ended long before, wherever it was recorded.
                    }
                    let (from, until) = self.zone.bounds(unit, number)?;
                    let inside = match straddling {
                        Straddling::Counts => until > edge,
                        Straddling::Ignored => from > edge,
                    };
                    total += if inside { u64::from(entry.count) } else { 0 };
                }
                Some(total)
            }
        }
    }

    /// The finest tracked unit whose buckets span that much time.
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
            // Time only takes away from these.
            Rule::AtLeast(..) | Rule::Within(_) | Rule::AtMost(0, _) | Rule::AtMost(_, Window::Ever) => {
                Vec::new()
            }
            Rule::Cooldown(span) | Rule::AtMost(1, Window::Rolling(span)) => {
                self.last_at(event).map(|at| at + span).into_iter().collect()
            }
            Rule::AtMost(_, Window::Calendar(n, unit)) => {
                let current = self.current.get(unit);
                self.zone.changes(unit, self.now, current, current + n as i64)
            }
            Rule::AtMost(_, Window::Rolling(span)) => {
                let unit = self.unit_for(span)?;
                let mut ends = Vec::new();
                for (entry, own) in self.entries(event) {
                    if let Some(number) = self.number(entry, own, unit) {
                        ends.push(self.zone.bounds(unit, number)?.1 + span);
                    }
                }
                ends.retain(|at| *at > self.now);
                ends.sort_unstable();
                ends.dedup();
                ends
            }
        })
    }
}

/// What becomes of a bucket that the edge of a rolling window lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Straddling {
    Counts,
    Ignored,
}
