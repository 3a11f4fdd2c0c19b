//! What must be true of every answer, whatever unit it comes from: asked of the library, and
//! compared with what really happened.

use chrono::Duration;
use tiny_counter::RangeQuery;

use super::ask::last;
use super::ask_limits::limiter;
use super::model::View;
use super::phone::Phone;
use super::rules::{Rule, Window};
use super::unit::{DAY, HOUR, MINUTE, Unit};

/// Lengths of rolling windows.
fn spans(salt: usize) -> [i64; 7] {
    let odd = salt as i64 * 7_919;
    [
        1 + odd % MINUTE,
        40 * MINUTE,
        1 + odd % (3 * HOUR),
        25 * HOUR - 7,
        9 * DAY,
        300 * DAY,
        1 + odd * 9_973 % (900 * DAY),
    ]
}

pub fn rolling<'a>(phone: &'a Phone, event: &str, span: i64) -> RangeQuery<'a> {
    phone.store().query(event).rolling(Duration::milliseconds(span))
}

/// The bounds that the store states of a rolling window.
pub fn bounds(phone: &Phone, event: &str, span: i64) -> Option<(u64, u64)> {
    rolling(phone, event, span).bounds().map(|bounds| (bounds.lower, bounds.upper))
}

/// Compares the answers about an event with what really happened. Returns how many were compared.
pub fn hold(phone: &Phone, view: &View, event: &str, salt: usize) -> usize {
    let always_right = !phone.was_wrong();
    let mut windows: Vec<Window> = spans(salt).map(Window::Rolling).into();
    for (unit, tracked) in view.tracked.iter().copied() {
        windows.extend([1, 1 + salt % tracked, tracked].map(|n| Window::Calendar(n, unit)));
    }
    let mut compared = 0;
    for window in windows {
        let Some(bounds) = bounds_of(phone, event, window) else {
            assert!(!view.is_known(event), "{event} is known at {}", view.local());
            continue;
        };
        let scene = format!("{bounds:?} of {event} in {window:?} at {} = {}", view.now, view.local());
        assert!(bounds.0 <= bounds.1, "{scene}");
        if let Window::Rolling(span) = window {
            let sum = rolling(phone, event, span).total();
            let is_inside = sum.is_none_or(|sum| (bounds.0..=bounds.1).contains(&sum));
            assert!(is_inside, "the sum is {sum:?}: {scene}");
        }
        decisions_agree(phone, view, event, window, bounds, &scene);
        let count = view.true_count(event, window);
        // A limit never opens because a clock was wrong and is set right, because of a flight, or
        // because other units are tracked.
        let is_watched = phone.knows_truth() && !view.reads_too_early(event);
        if phone.error() == 0 && is_watched {
            assert!(bounds.1 >= count, "{count} really happened: {scene}");
            compared += 1;
        }
        if always_right {
            is_known(phone, view, event, window, bounds, &scene);
        }
    }
    compared
}

/// Under a clock that was always right, the count lies within the bounds, and the bounds are tight.
fn is_known(phone: &Phone, view: &View, event: &str, window: Window, bounds: (u64, u64), scene: &str) {
    match window {
        Window::Rolling(span) => {
            let count = view.true_count(event, window);
            assert!(bounds.0 <= count, "{count} really happened: {scene}");
            if view.is_steady {
                tight(view, event, span, bounds, scene);
            }
        }
        Window::Calendar(n, unit) => {
            let by_date: u64 = view.buckets(event, unit, n).iter().sum();
            // Without all counts the window is answered from its first instant in this zone, so that
            // after a flight its dates can differ.
            let is_inside = (bounds.0..=bounds.1).contains(&by_date);
            assert!(is_inside || !view.has_all(event, unit, n), "{by_date} by date: {scene}");
            let sum = last(phone.store(), event, unit, n).total().unwrap();
            assert!(sum <= bounds.1, "the sum is {sum}: {scene}");
            if view.has_all(event, unit, n) {
                assert_eq!(sum, by_date, "{scene}");
                let is_alone = view.knows.len() == 1;
                assert!(!is_alone || bounds == (sum, sum), "{by_date} by date: {scene}");
            }
        }
        Window::Ever => {}
    }
}

/// The bounds differ from the count by no more than happened in the bucket that the beginning of
/// the window divides.
pub fn tight(view: &View, event: &str, span: i64, bounds: (u64, u64), scene: &str) {
    let (lower, upper) = view.tight(event, span);
    assert!(bounds.0 >= lower, "at least {lower} are certain: {scene}");
    assert!(bounds.1 <= upper, "at most {upper} are possible: {scene}");
}

fn bounds_of(phone: &Phone, event: &str, window: Window) -> Option<(u64, u64)> {
    let bounds = match window {
        Window::Rolling(span) => return bounds(phone, event, span),
        Window::Calendar(n, unit) => last(phone.store(), event, unit, n).bounds(),
        Window::Ever => return None,
    };
    bounds.map(|bounds| (bounds.lower, bounds.upper))
}

/// A limit passes up to exactly the bound that it compares.
fn decisions_agree(
    phone: &Phone,
    view: &View,
    event: &str,
    window: Window,
    (lower, upper): (u64, u64),
    scene: &str,
) {
    let says = |rule: Rule| view.reaches(rule).then(|| limiter(phone, event, rule).allowed(event));
    let limit = |count: u64| u32::try_from(count).ok();
    for (count, passes) in [(Some(upper), false), (upper.checked_add(1), true)] {
        if let Some(limit) = count.and_then(limit) {
            let said = says(Rule::AtMost(limit, window));
            assert!(said.is_none_or(|said| said == passes), "at most {limit}: {said:?}, {scene}");
        }
    }
    for (count, passes) in [(Some(lower), true), (lower.checked_add(1), false)] {
        if let Some(count) = count.and_then(limit) {
            let said = says(Rule::AtLeast(count, window));
            assert!(said.is_none_or(|said| said == passes), "at least {count}: {said:?}, {scene}");
        }
    }
    if let Window::Rolling(span) = window {
        assert_eq!(says(Rule::Cooldown(span)), Some(upper == 0), "cooldown, {scene}");
        if span > 1 {
            assert_eq!(says(Rule::Within(span - 1)), Some(lower > 0), "within, {scene}");
        }
    }
}
