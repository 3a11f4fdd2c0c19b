//! Waits for refusals of the library to end.

use super::common::ask_limits::verdict;
use super::common::model::View;
use super::common::phone::Phone;
use super::common::rules::{Rule, Verdict};

/// A refusal, and the instant at which it ends, or at which it must not have ended.
pub struct Waiting {
    pub until: i64,
    pub event: &'static str,
    pub rule: Rule,
}

/// The refusals of some rules that end before `latest`, and those that report no end.
pub fn refusals(
    phone: &Phone,
    view: &View,
    rules: Vec<(&'static str, Rule)>,
    latest: i64,
) -> (Vec<Waiting>, Vec<Waiting>) {
    let (mut ending, mut never) = (Vec::new(), Vec::new());
    for (event, rule) in rules {
        match verdict(phone, event, rule) {
            Verdict::Refused(Some(wait)) => {
                assert!(wait > 0, "{rule:?} on {event} at {}", view.now);
                ending.push(Waiting { until: view.now + wait, event, rule });
            }
            Verdict::Refused(None) => never.push(Waiting { until: view.long_after(rule), event, rule }),
            Verdict::Passes | Verdict::Unknowable => {}
        }
    }
    ending.retain(|waiting| waiting.until < latest);
    never.retain(|waiting| waiting.until < latest);
    (ending, never)
}

/// Moves the clock to the end of every wait before `next`, and to a millisecond before it. Returns
/// how many refusals ended.
pub fn wait(phone: &Phone, mut waiting: Vec<Waiting>, next: i64) -> usize {
    waiting.retain(|waiting| waiting.until < next);
    waiting.sort_by_key(|waiting| waiting.until);
    let mut now = phone.time();
    for Waiting { until, event, rule } in &waiting {
        if now < *until {
            now = *until;
            phone.set_time(until - 1);
            for Waiting { event, rule, .. } in waiting.iter().filter(|other| other.until == *until) {
                let actual = verdict(phone, event, *rule);
                assert_eq!(actual, Verdict::Refused(Some(1)), "{rule:?} on {event} just before {until}");
            }
            phone.set_time(*until);
        }
        assert_eq!(verdict(phone, event, *rule), Verdict::Passes, "{rule:?} on {event} at {until}");
    }
    waiting.len()
}

/// Asserts that refusals without an end do not end.
pub fn still_refuse(phone: &Phone, mut never: Vec<Waiting>) {
    never.sort_by_key(|waiting| waiting.until);
    for Waiting { until, event, rule } in never {
        phone.set_time(until.max(phone.time()));
        let actual = verdict(phone, event, rule);
        assert_eq!(actual, Verdict::Refused(None), "{rule:?} on {event} at {until}");
    }
}
