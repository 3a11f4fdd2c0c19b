//! Every number that a limit looks at, for a debug screen or a bug report.

use std::fmt;

use chrono::{DateTime, Duration, FixedOffset};

use super::constraint::Constraint;
use super::evaluate::{Evaluation, RuleWindow};
use super::retry::Search;
use super::rule::{Rule, Subject};
use super::rules::{Children, Limit};
use super::words::rounded_up;
use crate::counter::reading::start_of;
use crate::counter::window::{Bound, CountBounds};
use crate::time::instant::{EARLIEST, SECOND, clamp, to_time};

/// What a limit says at one instant, rule by rule. `Display` makes a table of it. It holds no event
/// names other than those of the rules.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// The instant, with the offset of the store's zone.
    pub at: DateTime<FixedOffset>,
    /// Whether the limit passes.
    pub passes: bool,
    /// How long until the whole limit passes if nothing else is recorded: zero if it passes now,
    /// absent as `LimitExceeded::allowed_after`.
    pub allowed_after: Option<Duration>,
    /// The rules, in the order of the limit.
    pub rules: Vec<ExplainedRule>,
}

/// What one rule says at one instant.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExplainedRule {
    /// The rule.
    pub constraint: Constraint,
    /// Whether it passes.
    pub passes: bool,
    /// The least and the greatest number of times that the event can have happened in the window,
    /// without reservations. Absent for schedules and groups.
    pub counted: Option<CountBounds>,
    /// The pending reservations that the rule counts too.
    pub reserved: u64,
    /// Whether stored counts of the window were lost. `at_most` and `cooldown` then refuse;
    /// directly in a `none_of`, `at_least` and `within` then pass.
    pub after_loss: bool,
    /// When the window begins. It ends now. Since a marker, it begins after this instant. Absent
    /// for all time, for schedules and for groups.
    pub since: Option<DateTime<FixedOffset>>,
    /// How long until the rule stops passing, or passes, if nothing else is recorded. Absent if it
    /// stays as it is, or if that is not known.
    pub changes_after: Option<Duration>,
    /// The rules of a group.
    pub rules: Vec<ExplainedRule>,
}

impl Evaluation<'_> {
    /// Explains a limit, which must have been checked.
    pub(crate) fn explain(&self, limit: &Limit) -> Explanation {
        let search = Search::new(self, limit);
        let rules = self.explain_rules(limit, &search, limit.children(0..limit.len()));
        let refusing = rules.iter().filter(|rule| !rule.passes).map(|rule| rule.changes_after);
        let passes = rules.iter().all(|rule| rule.passes);
        let allowed_after = if passes { Some(Duration::zero()) } else { search.wait_of_all(refusing) };
        Explanation { at: self.local(self.snapshot.now()), passes, allowed_after, rules }
    }

    fn explain_rules(&self, limit: &Limit, search: &Search<'_>, rules: Children<'_>) -> Vec<ExplainedRule> {
        rules.map(|(index, rule)| self.explain_rule(limit, search, index, &rule)).collect()
    }

    fn explain_rule(
        &self,
        limit: &Limit,
        search: &Search<'_>,
        index: usize,
        rule: &Rule<Subject<'_>>,
    ) -> ExplainedRule {
        let passes = self.passes(limit, index, rule);
        let counts = |window| CountBounds::of(|bound| self.count(rule, window, bound));
        let window = rule.window();
        let (reserved, after_loss) = match rule.compared() {
            Bound::Upper if rule.is_about_event() => {
                (self.pending(rule.event()), self.verdict(rule).after_loss)
            }
            _ => (0, false),
        };
        ExplainedRule {
            constraint: limit.constraint_at(index, rule),
            passes,
            counted: window.map(counts),
            reserved,
            after_loss,
            since: window.and_then(|window| self.begin_of(rule, window)).map(|at| self.local(at)),
            changes_after: search.wait(index, rule, !passes),
            rules: self.explain_rules(limit, search, limit.children_of(index, rule)),
        }
    }

    /// The first instant of a window that ends now, at the earliest the beginning of the year 1.
    fn begin_of(&self, rule: &Rule<Subject<'_>>, window: RuleWindow) -> Option<i64> {
        let view = self.snapshot.view;
        let begin = match window {
            RuleWindow::Since => self.snapshot.beginning_of(rule.marker()?)?.late,
            RuleWindow::Rolling(millis) => view.now.saturating_sub(millis).saturating_add(1),
            RuleWindow::Calendar(unit, buckets) => {
                let number = view.number(unit).saturating_sub(buckets).saturating_add(1);
                start_of(unit, number, self.snapshot.zone(), EARLIEST)
            }
            RuleWindow::Ever => return None,
        };
        Some(clamp(begin))
    }

    fn local(&self, at: i64) -> DateTime<FixedOffset> {
        let offset = self.snapshot.zone().segment(at).offset / SECOND;
        let offset = i32::try_from(offset).ok().and_then(FixedOffset::east_opt);
        let utc = to_time(at);
        offset.map_or_else(|| utc.fixed_offset(), |offset| utc.with_timezone(&offset))
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.at.format("%Y-%m-%d %H:%M:%S %:z"))?;
        match (self.passes, self.allowed_after) {
            (true, _) => writeln!(f, "the limit passes")?,
            (false, Some(wait)) => writeln!(f, "the limit refuses; it passes in {}", rounded_up(wait))?,
            (false, None) => writeln!(f, "the limit refuses; when it passes is not known")?,
        }
        writeln!(f)?;
        writeln!(f, "| passes | event | rule | counted | window since | changes in |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        self.rules.iter().try_for_each(|rule| rule.row(f, 0))
    }
}

impl ExplainedRule {
    /// Writes a row of the table, and those of the rules in the group.
    fn row(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let event = cell(self.constraint.event_id().unwrap_or(""));
        let mut rule = match self.rules.is_empty() {
            true => self.constraint.to_string(),
            false => self.constraint.group_words().to_owned(),
        };
        if let Some(marker) = self.constraint.marker() {
            rule += &format!(" {}", cell(marker));
        }
        let mut counted = match self.counted {
            None => String::new(),
            Some(CountBounds { lower, upper }) if lower == upper => lower.to_string(),
            Some(CountBounds { lower, upper }) => format!("{lower} to {upper}"),
        };
        if self.reserved > 0 {
            counted += &format!(" + {} reserved", self.reserved);
        }
        if self.after_loss {
            counted += ", counts were lost";
        }
        let since = self.since.map(|at| at.format("%Y-%m-%d %H:%M:%S %:z").to_string()).unwrap_or_default();
        let changes = self.changes_after.map_or_else(|| "-".to_owned(), rounded_up);
        let passes = if self.passes { "yes" } else { "no" };
        let indent = "> ".repeat(depth);
        writeln!(f, "| {passes} | {event} | {indent}{rule} | {counted} | {since} | {changes} |")?;
        self.rules.iter().try_for_each(|rule| rule.row(f, depth + 1))
    }
}

/// A name in a cell of the table. It can have any characters.
fn cell(name: &str) -> String {
    name.replace('|', "\\|").replace(['\n', '\r'], " ")
}
