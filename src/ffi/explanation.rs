//! What a limit looks at, rule by rule.

use super::checked;

/// What a limit says at one instant.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Explanation {
    /// The instant, in milliseconds since the Unix epoch.
    pub at_unix_millis: i64,
    /// Whether the limit passes.
    pub passes: bool,
    /// The time in milliseconds until the whole limit passes if nothing else is recorded: 0 if it
    /// passes now. Absent in the cases in which `retry_after_millis` of a `LimitRefusal` is.
    pub retry_after_millis: Option<i64>,
    /// The rules, in the order of the limit.
    pub rules: Vec<ExplainedRule>,
    /// All of it in English, with a Markdown table of a row for each rule. Instants are in the time
    /// zone of the store.
    pub text: String,
}

/// What one rule says at one instant.
#[derive(Debug, Clone, uniffi::Record)]
pub struct ExplainedRule {
    /// Whether the rule passes.
    pub passes: bool,
    /// The bounds of what it counts; absent for schedules and groups.
    pub counted: Option<CountBounds>,
    /// The pending reservations that the rule counts too.
    pub reserved: i64,
    /// Whether stored counts of the window were lost. `AtMost` and `Cooldown` then refuse; directly
    /// in a `NoneOf`, `AtLeast` and `Within` then pass.
    pub after_loss: bool,
    /// The instant at which its window begins, in milliseconds since the Unix epoch. The window
    /// ends with the instant of the explanation. Absent for all time, for schedules and for groups.
    pub since_unix_millis: Option<i64>,
    /// The time in milliseconds until the rule stops passing, or passes, if nothing else is
    /// recorded. Absent if it stays as it is, or if that is not known.
    pub changes_after_millis: Option<i64>,
    /// The rules of a group.
    pub rules: Vec<ExplainedRule>,
}

/// The bounds of a count.
#[derive(Debug, Clone, uniffi::Record)]
pub struct CountBounds {
    /// The event happened at least this often.
    pub lower: i64,
    /// The event happened at most this often.
    pub upper: i64,
}

impl From<crate::Explanation> for Explanation {
    fn from(explanation: crate::Explanation) -> Self {
        Explanation {
            at_unix_millis: explanation.at.timestamp_millis(),
            passes: explanation.passes,
            retry_after_millis: explanation.allowed_after.map(|wait| wait.num_milliseconds()),
            text: explanation.to_string(),
            rules: explanation.rules.into_iter().map(ExplainedRule::from).collect(),
        }
    }
}

impl From<crate::ExplainedRule> for ExplainedRule {
    fn from(rule: crate::ExplainedRule) -> Self {
        ExplainedRule {
            passes: rule.passes,
            counted: rule.counted.map(CountBounds::from),
            reserved: checked::signed(rule.reserved),
            after_loss: rule.after_loss,
            since_unix_millis: rule.since.map(|since| since.timestamp_millis()),
            changes_after_millis: rule.changes_after.map(|wait| wait.num_milliseconds()),
            rules: rule.rules.into_iter().map(ExplainedRule::from).collect(),
        }
    }
}

impl From<crate::CountBounds> for CountBounds {
    fn from(bounds: crate::CountBounds) -> Self {
        CountBounds { lower: checked::signed(bounds.lower), upper: checked::signed(bounds.upper) }
    }
}
