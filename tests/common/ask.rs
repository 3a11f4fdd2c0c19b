//! Asks the library and the model the same questions and asserts that the answers are equal.

use chrono::Duration;
use tiny_counter::{EventStore, RangeQuery};

use super::model::View;
use super::phone::Phone;
use super::trace::EVENTS;
use super::truths;
use super::unit::{DAY, HOUR, MINUTE, Unit};

/// The last `n` of a unit.
pub fn last<'a>(store: &'a EventStore, event: &str, unit: Unit, n: usize) -> RangeQuery<'a> {
    let query = store.query(event);
    match unit {
        Unit::Seconds => query.last_seconds(n),
        Unit::Minutes => query.last_minutes(n),
        Unit::Hours => query.last_hours(n),
        Unit::Days => query.last_days(n),
        Unit::Weeks => query.last_weeks(n),
        Unit::Months => query.last_months(n),
        Unit::Years => query.last_years(n),
    }
}

/// Moves the phone's clock to `now` and asks everything about every event in every unit. `salt`
/// selects lengths of windows, so that a whole trace covers all of them.
pub fn everything(phone: &Phone, view: &View, salt: usize) {
    counts(phone, view, salt);
    EVENTS.iter().for_each(|event| seen(phone, view, event));
}

/// Everything except when the events were seen.
pub fn counts(phone: &Phone, view: &View, salt: usize) {
    phone.set_time(view.now);
    EVENTS.iter().for_each(|event| counts_of(phone, view, event, salt));
    several_events(phone, view, salt);
}

/// Everything about one event. Returns whether all of it could be compared.
pub fn one(phone: &Phone, view: &View, event: &str, salt: usize) -> bool {
    counts_of(phone, view, event, salt);
    seen(phone, view, event);
    let mut all = true;
    for (unit, tracked) in view.tracked.iter().copied() {
        let defined = || view.first_in(event, unit).filter(|_| view.has_all(event, unit, tracked));
        let Some(first) = defined() else {
            all = false;
            continue;
        };
        let asked = phone.store().query(event).first_seen_in(unit.public());
        let ago = first.map(|at| Duration::milliseconds(view.now - at));
        assert_eq!(asked, ago, "first {event} in {unit:?} {}", scene(phone, view));
    }
    for span in [1, 1 + salt as i64 * 7_919 % HOUR, 40 * MINUTE, 3 * DAY + 7, 1 + salt as i64 % 900 * DAY] {
        let asked = phone.store().query(event).rolling(Duration::milliseconds(span)).total();
        if let Some(sum) = rolling(view, event, span) {
            let bounds = truths::bounds(phone, event, span);
            let total = sum.zip(bounds).map(|(sum, (lower, upper))| sum.clamp(lower, upper));
            assert_eq!(asked, total, "the last {span} ms of {event} {}", scene(phone, view));
        }
    }
    all
}

/// The expected answer to a rolling question, before it is limited to the bounds of the window: the
/// sum of every bucket that the window touches. `None` if it is not defined.
fn rolling(view: &View, event: &str, span: i64) -> Option<Option<u64>> {
    let Some(unit) = view.unit_for(span).filter(|_| view.is_known(event)) else { return Some(None) };
    let oldest = view.numbers_at(view.now - span + 1).get(unit);
    // A trip east can make the window touch more dates than are tracked.
    let n = (view.current.get(unit) - oldest + 1).max(1) as usize;
    let tracked = view.tracked(unit).unwrap();
    (view.is_steady && view.has_all(event, unit, tracked))
        .then(|| Some(view.buckets(event, unit, n).iter().sum()))
}

fn counts_of(phone: &Phone, view: &View, event: &str, salt: usize) {
    all_time(phone, view, event);
    for (unit, tracked) in view.tracked.iter().copied() {
        if !view.has_all(event, unit, tracked) {
            continue;
        }
        let buckets = view.buckets(event, unit, tracked);
        for n in [1, salt % (tracked + 1), tracked + salt % 3] {
            range(phone, view, event, unit, &buckets, n);
        }
        let asked = last(phone.store(), event, unit, tracked + 5).into_buckets();
        let expected: Vec<u32> = buckets.iter().map(|count| at_most_32_bits(*count)).collect();
        if view.is_known(event) {
            assert_eq!(asked, expected, "buckets of {event} in {unit:?} {}", scene(phone, view));
        } else {
            assert!(asked.iter().all(|count| *count == 0), "{event} is unknown {}", scene(phone, view));
        }
    }
    pieces_of_days(phone, view, event, salt);
}

fn at_most_32_bits(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn scene(phone: &Phone, view: &View) -> String {
    format!("on device {} at {} = {}", phone.device, view.now, view.local())
}

/// How long ago an event was first and last seen.
fn seen(phone: &Phone, view: &View, event: &str) {
    if !view.is_exact {
        return;
    }
    let ask = || phone.store().query(event);
    let ago = |at: Option<i64>| at.map(|at| Duration::milliseconds(view.now - at));
    let first = ago(view.first_at(event));
    assert_eq!(ask().first_seen(), first, "first {event} {}", scene(phone, view));
    if view.knows_last(event) {
        assert_eq!(ask().last_seen(), ago(view.last_at(event)), "last {event} {}", scene(phone, view));
    }
}

/// The questions that need no window.
fn all_time(phone: &Phone, view: &View, event: &str) {
    let ask = || phone.store().query(event);
    assert_eq!(ask().lifetime(), view.lifetime(event), "lifetime of {event} {}", scene(phone, view));
    let ever = view.longest();
    let tracked = view.tracked(ever).unwrap();
    if !view.has_all(event, ever, tracked) {
        return;
    }
    let total = view.buckets(event, ever, tracked).iter().sum();
    let known = view.is_known(event).then_some(total);
    assert_eq!(ask().ever().total(), known, "ever of {event} {}", scene(phone, view));
}

/// The questions about the last `n` of a unit, given the counts of all tracked ones.
fn range(phone: &Phone, view: &View, event: &str, unit: Unit, buckets: &[u64], n: usize) {
    let ask = || last(phone.store(), event, unit, n);
    let scene = || format!("of {event} in the last {n} {unit:?} {}", scene(phone, view));
    let buckets = &buckets[..n.min(buckets.len())];
    let known = view.is_known(event);

    let total: u64 = buckets.iter().sum();
    assert_eq!(ask().total(), known.then_some(total), "total {}", scene());
    assert_eq!(ask().sum(), known.then_some(at_most_32_bits(total)), "sum {}", scene());

    let nonzero = buckets.iter().filter(|count| **count > 0).count();
    assert_eq!(ask().count_nonzero(), known.then_some(nonzero), "count_nonzero {}", scene());
    assert_eq!(ask().last_seen(), buckets.iter().position(|count| *count > 0), "last_seen {}", scene());
    assert_eq!(ask().first_seen(), buckets.iter().rposition(|count| *count > 0), "first_seen {}", scene());

    let mean = if buckets.is_empty() { 0.0 } else { total as f64 / buckets.len() as f64 };
    assert_eq!(ask().average(), known.then_some(mean), "average {}", scene());
    let mean = (nonzero > 0).then(|| total as f64 / nonzero as f64);
    assert_eq!(ask().average_nonzero(), mean, "average_nonzero {}", scene());
}

/// Ranges of days that do not end today.
fn pieces_of_days(phone: &Phone, view: &View, event: &str, salt: usize) {
    let Some(tracked) = view.tracked(Unit::Days).filter(|n| view.has_all(event, Unit::Days, *n)) else {
        return;
    };
    let known = view.is_known(event);
    let buckets = view.buckets(event, Unit::Days, tracked);
    let (from, until) = (salt % 9, salt % 9 + salt % 31);
    let total: u64 = buckets.iter().take(until).skip(from).sum();
    let asked = phone.store().query(event).days(from..until).total();
    assert_eq!(asked, known.then_some(total), "days {from}..{until} of {event} {}", scene(phone, view));
    let total: u64 = buckets.iter().skip(from).take(5).sum();
    let asked = phone.store().query(event).days_from(from).take(5).total();
    assert_eq!(asked, known.then_some(total), "5 days of {event} from {from} {}", scene(phone, view));
}

/// Queries of several known events at once.
pub fn several_events(phone: &Phone, view: &View, salt: usize) {
    let events: Vec<&str> = view.events().into_iter().collect();
    let Some(first) = events.get(salt % events.len().max(1)).copied() else { return };
    let other = events[(salt / 7) % events.len()];
    let (store, unit) = (phone.store(), Unit::Days);
    let Some(tracked) = view.tracked(unit) else { return };
    if !events.iter().all(|event| view.has_all(event, unit, tracked)) {
        return;
    }
    let sum = |event: &str| view.buckets(event, unit, tracked).iter().sum::<u64>();

    let all: u64 = events.iter().map(|event| sum(event)).sum();
    let asked = store.query_many(&events).last_days(tracked).sum();
    assert_eq!(asked, Some(at_most_32_bits(all)), "all events {}", scene(phone, view));

    let ratio = (sum(other) > 0).then(|| sum(first) as f64 / sum(other) as f64);
    let asked = store.query_ratio(first, other).last_days(tracked);
    assert_eq!(asked, ratio, "{first} to {other} {}", scene(phone, view));

    let delta = sum(first) as i64 - sum(other) as i64;
    let asked = store.query_delta(first, other).last_days(tracked).sum();
    assert_eq!(asked, delta, "{first} less {other} {}", scene(phone, view));
}

/// Asserts that two phones in the same zone give the same answers.
pub fn agree(one: &Phone, other: &Phone) {
    for event in EVENTS {
        let ask = |phone: &Phone| {
            let query = || phone.store().query(event);
            (query().lifetime(), query().last_seen(), query().first_seen(), query().ever().sum())
        };
        assert_eq!(ask(one), ask(other), "{event} on devices {} and {}", one.device, other.device);
        for (unit, tracked) in one.tracked.iter().copied() {
            let ask = |phone: &Phone| last(phone.store(), event, unit, tracked).into_buckets();
            assert_eq!(ask(one), ask(other), "{event} in {unit:?} on {} and {}", one.device, other.device);
        }
    }
}
