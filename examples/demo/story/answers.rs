//! The questions at the end of the demo, and their answers as plain values.

use chrono::Duration;
use tiny_counter::EventStore;

use super::Fallible;
use super::phone::{ACTION, LAUNCH, Phone};
use super::prompt::{FIX, PROMPT, rules};

/// The answers of one phone.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    pub actions_ever: Option<u64>,
    pub actions_in_12_months: Option<u32>,
    pub actions_in_28_days: Option<u32>,
    pub active_days_in_28: Option<usize>,
    pub active_weeks_in_52: Option<usize>,
    pub actions_a_day_in_28: Option<f64>,
    pub launches_in_48_hours: Option<u32>,
    pub fixes_per_action_in_12_months: Option<f64>,
    pub since_last_action: Option<Duration>,
    pub since_last_fix: Option<Duration>,
    pub since_first_action: Option<Duration>,
    pub prompts_ever: Option<u64>,
    pub prompt_allowed: bool,
    /// The time until all refusing rules pass; `None` if the prompt is allowed, or if waiting does
    /// not help.
    pub prompt_refused_for: Option<Duration>,
}

impl Answers {
    fn of(store: &EventStore) -> Answers {
        Answers {
            actions_ever: store.query(ACTION).lifetime(),
            actions_in_12_months: store.query(ACTION).last_months(12).sum(),
            actions_in_28_days: store.query(ACTION).last_days(28).sum(),
            active_days_in_28: store.query(ACTION).last_days(28).count_nonzero(),
            active_weeks_in_52: store.query(ACTION).last_weeks(52).count_nonzero(),
            actions_a_day_in_28: store.query(ACTION).last_days(28).average(),
            launches_in_48_hours: store.query(LAUNCH).rolling(Duration::hours(48)).sum(),
            fixes_per_action_in_12_months: store.query_ratio(FIX, ACTION).last_months(12),
            since_last_action: store.query(ACTION).last_seen(),
            since_last_fix: store.query(FIX).last_seen(),
            since_first_action: store.query(ACTION).first_seen(),
            prompts_ever: store.query(PROMPT).lifetime(),
            prompt_allowed: rules(store).allowed(PROMPT),
            prompt_refused_for: refused_for(store),
        }
    }

    /// The answers of all phones.
    ///
    /// # Errors
    /// If the answers differ.
    pub fn the_same_on_all(answers: Vec<Answers>) -> Fallible<Answers> {
        let mut answers = answers.into_iter();
        let first = answers.next().ok_or("there are no phones")?;
        if answers.all(|other| other == first) {
            Ok(first)
        } else {
            Err("the phones give different answers".into())
        }
    }
}

fn refused_for(store: &EventStore) -> Option<Duration> {
    let error = rules(store).check(PROMPT).err()?;
    let waits: Option<Vec<Duration>> =
        error.as_limit_exceeded()?.all().iter().map(|refusal| refusal.retry_after).collect();
    waits?.into_iter().max()
}

/// The current answers of each phone.
pub fn ask(phones: &[Phone]) -> Fallible<Vec<Answers>> {
    phones.iter().map(|phone| Ok(Answers::of(phone.store()?))).collect()
}
