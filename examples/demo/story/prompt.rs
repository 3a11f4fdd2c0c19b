//! "May the review prompt be shown?": one decision with several rules.

use chrono::Duration;
use tiny_counter::{Error, EventStore, Limiter, Refusal, TimeUnit};

use super::Fallible;
use super::phone::{LAUNCH, Phone};

pub const PROMPT: &str = "review_prompt";
/// Something was broken and had to be mended.
pub const FIX: &str = "fix";

/// Asked of someone who uses the app, at most once a week and three times a calendar month, and not while they have
/// just met an error.
pub fn rules(store: &EventStore) -> Limiter<'_> {
    store
        .limit()
        .at_least(LAUNCH, 3, Duration::days(7))
        .at_most(PROMPT, 1, Duration::days(7))
        .at_most(PROMPT, 3, TimeUnit::Months)
        .cooldown(FIX, Duration::days(2))
}

/// Decides and counts in one step; when this returns, a shown prompt is remembered whatever happens to the app. A
/// refusal is an answer, anything else an error.
pub fn show_if_allowed(store: &EventStore) -> tiny_counter::Result<bool> {
    match rules(store).check_and_record(PROMPT) {
        Ok(()) => Ok(true),
        Err(Error::LimitExceeded(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Why not, and until when, for people.
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
