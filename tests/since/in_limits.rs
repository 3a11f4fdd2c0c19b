//! Rules since a marker: refusals, waits, groups, prepared limits, explanations, rehearsals.

use chrono::Duration;
use tiny_counter::{Constraint, Error, Limit, LimitExceeded, Occurrence, TimeUnit, since};

use super::common::stores::{clock, noon};
use super::store;

fn refusal(error: Error) -> LimitExceeded {
    let Error::LimitExceeded(refusal) = error else { panic!("{error:?}") };
    refusal
}

#[test]
fn waiting_does_not_help_until_the_marker_is_recorded() {
    let clock = clock();
    let store = store(&clock);
    store.record("m");
    let limit = || store.limit().at_most("tap", 1, since("m"));
    limit().check_and_record("tap").unwrap();
    let refused = refusal(limit().check("tap").unwrap_err());
    assert_eq!((refused.retry_after, refused.allowed_after()), (None, None));
    let Constraint::AtMostSince { event_id, limit: 1, marker } = &refused.constraint else { panic!() };
    assert_eq!((&**event_id, &**marker), ("tap", "m"));
    assert_eq!(refused.all()[0].count, Some(1));
    let refused = refusal(store.limit().at_least("tap", 2, since("m")).check("x").unwrap_err());
    assert_eq!((refused.retry_after, refused.all()[0].count), (None, Some(1)));
    clock.advance(Duration::days(9999));
    assert!(!limit().allowed("tap"));
    store.record("m");
    assert!(limit().allowed("tap"));
}

#[test]
fn a_refusal_ends_when_a_reservation_of_the_event_or_of_the_marker_ends() {
    let clock = clock();
    let store = store(&clock);
    store.record_count("tap", 3);
    let most = || store.limit().at_most("tap", 4, since("m"));
    let least = || store.limit().at_least("tap", 3, since("m"));
    most().reserve_for("tap", Duration::minutes(10)).unwrap();
    store.limit().reserve_for("m", Duration::minutes(20)).unwrap();
    let wait = refusal(most().check("tap").unwrap_err()).retry_after;
    assert_eq!(wait, Some(Duration::minutes(10)));
    // The marker may happen, which begins the window again.
    let wait = refusal(least().check("tap").unwrap_err()).allowed_after();
    assert_eq!(wait, Some(Duration::minutes(20)));
    clock.advance(Duration::minutes(20) - Duration::milliseconds(1));
    assert!(!least().allowed("tap") && most().allowed("tap"));
    clock.advance(Duration::milliseconds(1));
    assert!(least().allowed("tap"));
    let pending = store.limit().reserve("m").unwrap();
    assert!(!least().allowed("tap"));
    pending.cancel();
    assert!(least().allowed("tap"));
    store.limit().reserve("m").unwrap().commit();
    assert!(!least().allowed("tap") && most().allowed("tap"));
}

#[test]
fn a_refusal_ends_when_a_reservation_ends_that_was_made_under_a_clock_that_was_ahead() {
    let clock = clock();
    let store = store(&clock);
    store.record_count("tap", 3);
    store.limit().reserve_for("m", Duration::hours(5)).unwrap();
    clock.advance(-Duration::hours(2));
    let least = || store.limit().at_least("tap", 3, since("m"));
    // The clock passes its peak before the reservation ends, which counts as made then.
    let wait = refusal(least().check("tap").unwrap_err()).allowed_after();
    assert_eq!(wait, Some(Duration::hours(7)));
    clock.advance(Duration::hours(7) - Duration::milliseconds(1));
    assert!(!least().allowed("tap"));
    clock.advance(Duration::milliseconds(1));
    assert!(least().allowed("tap"));
}

#[test]
fn rules_since_a_marker_combine_with_others() {
    let clock = clock();
    let store = store(&clock);
    let prompt = Limit::new()
        .at_least("launch", 3, since("m"))
        .any_of([Limit::new().at_most("tap", 1, since("n")), Limit::new().at_least("tap", 5, TimeUnit::Ever)])
        .none_of([Limit::new().at_least("crash", 1, since("m"))])
        .cooldown("m", Duration::days(1))
        .also_record("any");
    let prompt = store.prepare(prompt).unwrap();
    assert_eq!(prompt.limit(), &Limit::of(prompt.limit().constraints()).unwrap().also_record("any"));
    store.record_count("launch", 3);
    prompt.check_and_record("m").unwrap();
    let refused = refusal(prompt.check("m").unwrap_err());
    assert_eq!(refused.all().len(), 2);
    assert_eq!(refused.allowed_after(), None);
    store.record_count("launch", 3);
    let refused = refusal(prompt.check("m").unwrap_err());
    assert_eq!(refused.allowed_after(), Some(Duration::days(1)));
    clock.advance(Duration::days(1));
    store.record("crash");
    assert!(!prompt.allowed("m"), "a crash since the last prompt");
    store.record("m");
    store.record_count("launch", 3);
    clock.advance(Duration::days(1));
    prompt.check_and_record("m").unwrap();
}

#[test]
fn usage_is_that_since_the_marker() {
    let store = store(&clock());
    store.record_count("tap", 5);
    store.record("m");
    store.record_count("tap", 2);
    let usage = store.limit().at_most("tap", 3, since("m")).at_most("tap", 9, TimeUnit::Ever).usage("tap");
    let usage = usage.unwrap();
    assert_eq!((usage.count, usage.limit, usage.remaining), (2, 3, 1));
}

#[test]
fn an_explanation_names_the_marker_and_when_the_window_begins() {
    let clock = clock();
    let store = store(&clock);
    store.record("m");
    clock.advance(Duration::hours(3));
    store.record_count("a|b", 2);
    let limit = store.limit().at_most("a|b", 3, since("m")).at_least("a|b", 3, since("n"));
    let explained = limit.explain("a|b").unwrap();
    let [most, least] = &explained.rules[..] else { panic!() };
    assert_eq!(most.since.unwrap(), noon());
    assert_eq!((most.counted.unwrap().lower, most.counted.unwrap().upper), (2, 2));
    assert_eq!((most.changes_after, least.since, least.changes_after), (None, None, None));
    assert!(most.passes && !least.passes);
    let text = explained.to_string();
    assert!(
        text.contains("| yes | a\\|b | at most 3 since the marker m | 2 | 2025-06-18 12:00:00"),
        "{text}"
    );
    assert!(text.contains("| no | a\\|b | at least 3 since the marker n | 2 |  | - |"), "{text}");
}

#[test]
fn the_text_of_a_refusal_has_no_names() {
    let store = store(&clock());
    store.record("secret");
    let refused = store.limit().at_most("secret", 1, since("m")).check("secret").unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("at most 1 since the marker") && !text.contains("secret"), "{text}");
}

#[test]
fn a_rehearsal_has_the_marker_in_its_list() {
    let store = store(&clock());
    let limit = store.prepare(Limit::new().at_most("tip", 2, since("m"))).unwrap();
    let at = |minutes| noon() + Duration::minutes(minutes);
    let session = |minutes| Occurrence { at: at(minutes), event_id: "m".into(), count: 1 };
    let asked = (0..100).map(|minute| at(10 * minute));
    let shown = limit.rehearse("tip", [session(0), session(55), session(500)], asked).unwrap();
    assert_eq!(shown, [0, 10, 60, 70, 500, 510].map(at));
}
