//! Asks the library and the model for the same decisions.

use chrono::Duration;
use tiny_counter::{Error, Limiter, TimeUnit};

use super::model::{Side, View};
use super::phone::Phone;
use super::rules::{Rule, Verdict, Window};
use super::trace::EVENTS;
use super::unit::{DAY, HOUR, MINUTE, Unit};

/// The verdict of the library on a rule.
pub fn verdict(phone: &Phone, event: &str, rule: Rule) -> Verdict {
    match limiter(phone, event, rule).check(event) {
        Ok(()) => Verdict::Passes,
        Err(Error::ConfigMismatch(_)) => Verdict::Unknowable,
        Err(error) => {
            let refusal = error.as_limit_exceeded().unwrap_or_else(|| panic!("{rule:?}: {error}"));
            assert_eq!(refusal.event_id, event);
            Verdict::Refused(refusal.retry_after.map(|wait| wait.num_milliseconds()))
        }
    }
}

pub fn limiter<'a>(phone: &'a Phone, event: &str, rule: Rule) -> Limiter<'a> {
    let limiter = phone.store().limit();
    let millis = Duration::milliseconds;
    match rule {
        Rule::AtMost(limit, Window::Calendar(n, unit)) => limiter.at_most(event, limit, (n, unit.public())),
        Rule::AtMost(limit, Window::Rolling(span)) => limiter.at_most(event, limit, millis(span)),
        Rule::AtMost(limit, Window::Ever) => limiter.at_most(event, limit, TimeUnit::Ever),
        Rule::AtLeast(count, Window::Calendar(n, unit)) => limiter.at_least(event, count, (n, unit.public())),
        Rule::AtLeast(count, Window::Rolling(span)) => limiter.at_least(event, count, millis(span)),
        Rule::AtLeast(count, Window::Ever) => limiter.at_least(event, count, TimeUnit::Ever),
        Rule::Cooldown(span) => limiter.cooldown(event, millis(span)),
        Rule::Within(span) => limiter.within(event, millis(span)),
    }
}

/// Rules that just pass or just refuse for the current counts of an event.
pub fn rules(view: &View, event: &str, salt: usize) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (unit, tracked) in view.tracked.iter().copied() {
        let n = 1 + salt % tracked;
        for window in [Window::Calendar(n, unit), Window::Calendar(tracked, unit)] {
            let count = small(view.count(event, window, Side::Upper));
            rules.extend([count.max(1), count + 1, 1].map(|limit| Rule::AtMost(limit, window)));
            rules.extend([count, count + 1].map(|count| Rule::AtLeast(count, window)));
        }
        rules.push(Rule::AtMost(1, Window::Calendar(tracked + 1, unit)));
    }
    for span in [90 * MINUTE, 30 * HOUR, 7 * DAY, 300 * DAY, 4_000 * DAY] {
        // An odd length, so that the edges of the window are not edges of buckets.
        let window = Window::Rolling(span - 7);
        rules.push(Rule::AtMost(1, window));
        rules.push(Rule::Cooldown(span - 7));
        rules.push(Rule::Within(span - 7));
        for count in [Side::Upper, Side::Lower].map(|side| small(view.count(event, window, side))) {
            rules.extend([2.max(count), 2.max(count + 1)].map(|limit| Rule::AtMost(limit, window)));
            rules.extend([count, count + 1].map(|count| Rule::AtLeast(count, window)));
        }
    }
    let lifetime = small(view.lifetime(event).unwrap_or(0));
    rules.extend([lifetime, lifetime + 1].map(|limit| Rule::AtMost(limit, Window::Ever)));
    rules.extend([lifetime, lifetime + 1].map(|count| Rule::AtLeast(count, Window::Ever)));
    rules.push(Rule::AtMost(0, Window::Calendar(1, view.longest())));
    rules
}

/// Moves the phone's clock to `now` and asks for the verdict on many rules about two events.
/// Returns how many verdicts were compared.
pub fn every_rule(phone: &Phone, view: &View, salt: usize) -> usize {
    phone.set_time(view.now);
    let mut compared = 0;
    for event in [EVENTS[salt % 7], EVENTS[(salt / 7) % 7]] {
        let of_event = rules(view, event, salt).into_iter();
        compared += of_event.filter(|rule| one_rule(phone, view, event, *rule)).count();
        if view.is_known(event) {
            usage(phone, view, event);
        }
    }
    compared
}

/// Asks for the verdict on one rule. Returns whether it could be compared.
pub fn one_rule(phone: &Phone, view: &View, event: &str, rule: Rule) -> bool {
    let passes = view.passes(event, rule);
    if !view.is_exact || (passes.is_some() && !view.is_defined(event, rule)) {
        return false;
    }
    let actual = verdict(phone, event, rule);
    let scene = format!("{rule:?} on {event}, device {} at {} = {}", phone.device, view.now, view.local());
    let then = |at: i64| view.at(at).passes(event, rule);
    match (passes, actual) {
        (None, Verdict::Unknowable) | (Some(true), Verdict::Passes) => {}
        (Some(false), Verdict::Refused(Some(wait))) => {
            let passes_at = view.now + wait;
            assert_eq!(then(passes_at), Some(true), "after {wait} ms {scene}");
            // It refuses until then.
            for before in [1, wait / 2] {
                if (1..wait).contains(&before) {
                    assert_eq!(then(passes_at - before), Some(false), "{before} ms before {wait} {scene}");
                }
            }
        }
        (Some(false), Verdict::Refused(None)) => {
            let span = view.long_after(rule) - view.now;
            for later in [span / 20, span] {
                assert_eq!(then(view.now + later), Some(false), "{later} ms later {scene}");
            }
        }
        _ => panic!("{actual:?}, but passes: {passes:?} {scene}"),
    }
    assert_eq!(limiter(phone, event, rule).allowed(event), actual == Verdict::Passes, "{scene}");
    true
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).min(u32::MAX - 1)
}

fn usage(phone: &Phone, view: &View, event: &str) {
    if !view.has_all(event, Unit::Weeks, 1) {
        return;
    }
    let count = small(view.count(event, Window::Calendar(1, Unit::Weeks), Side::Upper));
    let asked = phone.store().limit().at_most(event, 5, TimeUnit::Weeks).usage(event).unwrap();
    assert_eq!((asked.count, asked.limit, asked.remaining), (count, 5, 5u32.saturating_sub(count)));
}
