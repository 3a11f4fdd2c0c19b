//! Whether the review prompt may be shown: a decision with several rules.

use chrono::Duration;
use tiny_counter::{Error, EventStore, Limiter, Refusal, TimeUnit};

use super::Fallible;
use super::phone::{LAUNCH, Phone};

pub const PROMPT: &str = "review_prompt";
/// The user had to fix an error.
pub const FIX: &str = "fix";

/// The prompt is shown only to active users, at most once in 7 days and three times in a calendar
/// month, and not within two days of a fix.
pub fn rules(store: &EventStore) -> Limiter<'_> {
    store
        .limit()
        .at_least(LAUNCH, 3, Duration::days(7))
        .at_most(PROMPT, 1, Duration::days(7))
        .at_most(PROMPT, 3, TimeUnit::Months)
        .cooldown(FIX, Duration::days(2))
}

/// Decides and counts in one step. Returns whether the prompt is shown. When this returns, the
/// count survives a kill of the app. A refusal is an answer, not an error.
pub fn show_if_allowed(store: &EventStore) -> tiny_counter::Result<bool> {
    match rules(store).check_and_record(PROMPT) {
        Ok(()) => Ok(true),
        Err(Error::LimitExceeded(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The decision as text: which rules refuse, and until when.
pub fn explain(phone: &Phone) -> Fallible<String> {
    match rules(phone.store()?).check(PROMPT) {
        Ok(()) => Ok("yes".to_owned()),
        Err(Error::LimitExceeded(refused)) => {
            let reasons: Fallible<Vec<String>> =
                refused.all().iter().map(|rule| reason(phone, rule)).collect();
            Ok(format!("no\n{}", reasons?.join("\n")))
        }
        Err(error) => Err(error.into()),
    }
}

fn reason(phone: &Phone, rule: &Refusal) -> Fallible<String> {
    let counted = rule.count.map_or_else(String::new, |count| format!(" ({count} counted)"));
    let until = match rule.retry_after {
        Some(wait) => {
            let until = phone.local_time(phone.store()?.clock_now() + wait);
            format!("until {} (UTC{})", until.format("%A %Y-%m-%d %H:%M"), until.offset())
        }
        None => "waiting does not help".to_owned(),
    };
    let event = rule.constraint.event_id().unwrap_or_default();
    Ok(format!("      {event}: {}{counted}, {until}", rule.constraint))
}
