//! Limits as values: groups of rules, when a whole limit passes, prepared limits.

#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::Arc;

use chrono::{Duration, NaiveDate, Weekday};
use common::stores::{clock, clock_at, in_memory, instant, under};
use tiny_counter::{
    Clock, Constraint, Error, EventStore, Limit, LimitExceeded, PreparedLimit, PreparedQuestion, Refusal,
    Schedule, TimeUnit, Zone,
};

fn ever(event: &str, count: u32) -> Limit {
    Limit::new().at_least(event, count, TimeUnit::Ever)
}

fn refused(store: &EventStore, limit: &Limit) -> Error {
    store.prepare(limit.clone()).unwrap().check("prompt").unwrap_err()
}

fn allowed_after(store: &EventStore, limit: &Limit) -> Option<Duration> {
    refused(store, limit).as_limit_exceeded().unwrap().allowed_after()
}

#[test]
fn a_limit_passes_when_its_rules_pass_together() {
    let clock = clock_at(instant("2025-06-18T13:00:00Z"));
    let store = in_memory(&clock);
    let limit =
        Limit::new().at_most("prompt", 1, Duration::hours(10)).during(Schedule::hours(8, 22).unwrap());
    store.record("prompt");
    clock.advance(Duration::hours(7));
    let error = refused(&store, &limit);
    let refusal = error.as_limit_exceeded().unwrap();
    assert_eq!(refusal.retry_after, Some(Duration::hours(3)), "at 23:00, when the schedule refuses");
    assert_eq!(refusal.allowed_after(), Some(Duration::hours(12)));
    assert!(error.to_string().ends_with("; all rules pass together in 12 hours"), "{error}");
    clock.advance(Duration::hours(12) - Duration::milliseconds(1));
    assert_eq!(allowed_after(&store, &limit), Some(Duration::milliseconds(1)));
    clock.advance(Duration::milliseconds(1));
    assert!(store.prepare(limit).unwrap().allowed("prompt"));
}

#[test]
fn a_limit_whose_rules_never_pass_together_has_no_wait() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("crash");
    clock.advance(Duration::hours(1));
    store.record("purchase");
    let limit = Limit::new().cooldown("crash", Duration::hours(30)).within("purchase", Duration::hours(24));
    let error = refused(&store, &limit);
    let refusal = error.as_limit_exceeded().unwrap();
    assert_eq!((refusal.retry_after, refusal.allowed_after()), (Some(Duration::hours(29)), None));
    // Just long enough: the last instant of one is the first of the other.
    let fits = Limit::new().cooldown("crash", Duration::hours(25)).within("purchase", Duration::hours(24));
    assert_eq!(allowed_after(&store, &fits), Some(Duration::hours(24)));

    let never = Limit::new().during(Schedule::weekdays()).during(Schedule::weekends());
    assert_eq!(allowed_after(&store, &never), None);
    let short = |hour| Limit::new().during(Schedule::daily((hour, 0), (hour, 1)).unwrap());
    let meet_never = (0..20).map(short).fold(Limit::new(), |limit, schedule| limit.all_of([schedule]));
    assert_eq!(allowed_after(&store, &meet_never), None);
}

#[test]
fn rules_that_meet_once_a_year_have_a_wait() {
    let clock = clock_at(instant("2026-03-10T12:00:00Z"));
    let store = in_memory(&clock);
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let far = Schedule::dates(date("2031-02-01"), date("2031-02-05")).unwrap();
    let sunday = Schedule::days_of_week(&[Weekday::Sun]).unwrap();
    let night = Schedule::daily((23, 30), (0, 15)).unwrap();
    let limit = Limit::new().during(far).during(sunday).during(night);
    let wait = allowed_after(&store, &limit);
    // The first of the month is a Saturday, so the Sunday begins in the night.
    assert_eq!(wait, Some(instant("2031-02-02T00:00:00Z") - instant("2026-03-10T12:00:00Z")));
}

#[test]
fn a_branch_whose_rules_never_pass_together_hides_no_other_branch() {
    let clock = clock_at(instant("2025-06-18T13:00:00Z"));
    let store = in_memory(&clock);
    let during = |from, until| Limit::new().during(Schedule::hours(from, until).unwrap());
    // One time of the day on one day of the week, and never another time of the day.
    let never = || {
        let monday = Schedule::days_of_week(&[Weekday::Mon]).unwrap();
        during(1, 2).during(Schedule::hours(3, 4).unwrap()).outside_of(monday)
    };
    let limit = Limit::new()
        .any_of([never(), never(), during(9, 10)])
        .during(Schedule::days_of_week(&[Weekday::Fri]).unwrap())
        .during(Schedule::dates("2025-07-01".parse().unwrap(), "2025-12-31".parse().unwrap()).unwrap());
    // The first Friday in July.
    let wait = instant("2025-07-04T09:00:00Z") - clock.now();
    assert_eq!(allowed_after(&store, &limit), Some(wait));
    clock.advance(wait - Duration::milliseconds(1));
    assert_eq!(allowed_after(&store, &limit), Some(Duration::milliseconds(1)));
}

#[test]
fn a_wait_follows_the_local_clock_through_a_change() {
    // New York goes from 2:00 to 3:00 at 2026-03-08T07:00Z.
    let zone = Zone::table(-18_000, vec![(1_772_953_200_000, -14_400)]).unwrap();
    let clock = clock_at(instant("2026-03-08T04:00:00Z"));
    let store = under(&clock).with_zone(zone).build().unwrap();
    let night = Schedule::daily_local_tz((22, 30), (7, 0)).unwrap();
    store.record("prompt");
    let limit = Limit::new().outside_of(night).cooldown("prompt", Duration::hours(1));
    assert_eq!(allowed_after(&store, &limit), Some(Duration::hours(7)), "7:00 is 11:00 UTC");
}

#[test]
fn a_schedule_of_the_app_leaves_the_wait_of_the_whole_limit_open() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("prompt");
    let app = || Schedule::Custom(Arc::new(|_| true));
    let limit = Limit::new().cooldown("prompt", Duration::hours(1)).during(app());
    let error = refused(&store, &limit);
    let refusal = error.as_limit_exceeded().unwrap();
    assert_eq!(refusal.retry_after, Some(Duration::hours(1)), "the rule itself is known");
    assert_eq!(refusal.allowed_after(), None);
    let either = Limit::new()
        .any_of([Limit::new().cooldown("prompt", Duration::hours(1)), Limit::new().outside_of(app())]);
    assert_eq!(allowed_after(&store, &either), None, "it may pass earlier");
}

#[test]
fn any_of_passes_if_one_passes_and_waits_for_the_first() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("crash");
    store.record("ad");
    let limit = Limit::new().any_of([
        Limit::new().cooldown("crash", Duration::hours(5)),
        Limit::new().cooldown("ad", Duration::hours(3)),
        ever("purchase", 1),
    ]);
    let error = refused(&store, &limit);
    let refusal = error.as_limit_exceeded().unwrap();
    assert!(matches!(&refusal.constraint, Constraint::AnyOf { constraints } if constraints.len() == 3));
    assert_eq!(refusal.allowed_after(), Some(Duration::hours(3)));
    assert_eq!(refusal.retry_after, Some(Duration::hours(3)));
    let [group] = &refusal.all()[..] else { panic!("{refusal}") };
    let waits: Vec<_> = group.branches.iter().map(|branch| (branch.place, branch.retry_after)).collect();
    assert_eq!(waits, [(0, Some(Duration::hours(5))), (1, Some(Duration::hours(3))), (2, None)]);
    assert_eq!(
        error.to_string(),
        "the limit refuses: any of (not within 5 hours after the event; passes in 5 hours | not within 3 \
         hours after the event; passes in 3 hours | at least 1 in all time (0 counted); waiting does not \
         help); passes in 3 hours"
    );
    store.record("purchase");
    assert!(store.prepare(limit).unwrap().allowed("prompt"));
}

#[test]
fn none_of_refuses_while_a_rule_in_it_passes() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("purchase");
    let recent = Limit::new().within("purchase", Duration::hours(2));
    let limit = Limit::new().none_of([recent, ever("vip", 1)]);
    let error = refused(&store, &limit);
    let refusal = error.as_limit_exceeded().unwrap();
    let just_after = Duration::hours(2) + Duration::milliseconds(1);
    assert_eq!(refusal.allowed_after(), Some(just_after));
    let [group] = &refusal.all()[..] else { panic!("{refusal}") };
    assert!(!group.passes);
    let [branch] = &group.branches[..] else { panic!("{group}") };
    assert!(branch.passes, "it has to stop passing");
    assert_eq!((branch.place, branch.retry_after), (0, Some(just_after)));
    assert!(error.to_string().contains("passes, for 2 hours"), "{error}");
    clock.advance(just_after);
    assert!(store.prepare(limit.clone()).unwrap().allowed("prompt"));
    store.record("vip");
    assert_eq!(allowed_after(&store, &limit), None, "it happened for good");
}

#[test]
fn none_of_counts_what_may_have_happened() {
    let clock = clock();
    let store = in_memory(&clock);
    let begin = clock.now();
    store.record_count("crash", 2);
    clock.advance(Duration::minutes(30));
    store.record("crash");
    let allowed = |limit: &Limit| store.prepare(limit.clone()).unwrap().allowed("prompt");
    let none_of = |limit: &Limit| allowed(&Limit::new().none_of([limit.clone()]));
    let days = Duration::days(3);
    let (crashed, most) = (Limit::new().at_least("crash", 2, days), Limit::new().at_most("crash", 2, days));
    assert!(allowed(&crashed) && !none_of(&crashed));
    assert!(!allowed(&most) && none_of(&most));
    // The window begins between the crashes, and the store counts hours.
    clock.set(begin + days + Duration::minutes(10));
    assert!(!allowed(&crashed) && !none_of(&crashed), "two of them may have happened before");
    assert!(!allowed(&most) && !none_of(&most));
    assert!(none_of(&Limit::new().at_least("crash", 4, days)), "there were 3 in this hour");
    let after = allowed_after(&store, &Limit::new().none_of([crashed.clone()])).unwrap();
    clock.advance(after - Duration::milliseconds(1));
    assert!(!none_of(&crashed));
    clock.advance(Duration::milliseconds(1));
    assert!(none_of(&crashed) && !none_of(&most) && allowed(&most));
    // A reservation may be committed.
    let pending = store.limit().reserve("offer").unwrap();
    let offered = ever("offer", 1);
    assert!(!allowed(&offered) && !none_of(&offered));
    pending.cancel();
    assert!(none_of(&offered));
}

#[test]
fn a_refusal_lists_the_branches_that_would_have_to_change() {
    let clock = clock();
    let store = in_memory(&clock);
    store.record("a");
    // Passes unless a happened and b did not.
    let neither = Limit::new().none_of([ever("a", 1).none_of([ever("b", 1)])]);
    let limit = Limit::new().all_of([ever("a", 1), ever("c", 1)]).any_of([neither, ever("d", 1)]);
    let error = refused(&store, &limit);
    fn words(refusal: &Refusal) -> String {
        let event = refusal.constraint.event_id().unwrap_or("");
        let branches: Vec<String> = refusal.branches.iter().map(words).collect();
        format!("{}{event}{}({})", refusal.place, if refusal.passes { "!" } else { "" }, branches.join(" "))
    }
    let all: Vec<String> = error.as_limit_exceeded().unwrap().all().iter().map(words).collect();
    // Of the branch that has to stop passing, each rule is enough: a, or none of b.
    assert_eq!(all, ["0(1c())", "1(0(0!(0a!() 1!(0b()))) 1d())"]);
}

#[test]
fn a_chain_and_a_prepared_limit_decide_alike() {
    let clock = clock();
    let store = in_memory(&clock);
    let either = || [ever("launch", 2), ever("purchase", 1)];
    let limit = Limit::new().at_most("prompt", 1, Duration::days(7)).any_of(either());
    let prepared = store.prepare(limit).unwrap();
    let chain = || store.limit().at_most("prompt", 1, Duration::days(7)).any_of(either());
    let places = |refusal: &LimitExceeded| refusal.all().iter().map(|one| one.place).collect::<Vec<_>>();
    let compare = |expected: &[usize]| {
        for checked in [chain().check("prompt"), prepared.check("prompt")] {
            let found = checked.err().map_or(vec![], |error| places(error.as_limit_exceeded().unwrap()));
            assert_eq!(found, expected);
        }
        assert_eq!(chain().allowed("prompt"), expected.is_empty());
        assert_eq!(prepared.allowed("prompt"), expected.is_empty());
    };
    compare(&[1]);
    store.record_count("launch", 2);
    compare(&[]);
    let reserved = prepared.reserve("prompt").unwrap();
    compare(&[0]);
    reserved.cancel();
    prepared.check_and_record("prompt").unwrap();
    compare(&[0]);
    assert_eq!(prepared.usage("prompt").unwrap(), chain().usage("prompt").unwrap());
}

#[test]
fn a_limit_is_checked_when_it_is_prepared() {
    let store = in_memory(&clock());
    let error = |limit: Limit| store.prepare(limit).unwrap_err();
    let one = || Limit::new().at_most("x", 2, Duration::days(1));
    assert!(matches!(error(one().cooldown("x", Duration::zero())), Error::InvalidArgument(_)));
    assert!(matches!(error(one().at_most("x", 2, (90, TimeUnit::Days))), Error::ConfigMismatch(_)));
    assert!(matches!(error(one().any_of([])), Error::InvalidArgument(_)));
    // Also where the rule before it decides.
    let hidden = Limit::new().any_of([one(), Limit::new().within("x", Duration::zero())]);
    assert!(matches!(error(hidden.clone()), Error::InvalidArgument(_)));
    let chain =
        store.limit().any_of(hidden.constraints().into_iter().map(|one| Limit::new().constraint(one)));
    assert!(matches!(chain.clone().check("x"), Err(Error::InvalidArgument(_))));
    assert!(!chain.allowed("x"));
    let hours = Schedule::Hours { start_hour: 25, end_hour: 3, use_local_tz: false };
    assert!(matches!(error(Limit::new().none_of([Limit::new().during(hours)])), Error::InvalidHour(25)));
}

#[test]
fn a_prepared_limit_outlives_the_borrow_and_not_the_store() {
    fn is_shareable<T: Send + Sync + 'static>(_: &T) {}
    let store = Arc::new(in_memory(&clock()));
    let limit = store.prepare(Limit::new().at_most("x", 50, TimeUnit::Days)).unwrap();
    is_shareable::<PreparedLimit>(&limit);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let limit = limit.clone();
            std::thread::spawn(move || (0..25).filter(|_| limit.check_and_record("x").is_ok()).count())
        })
        .collect();
    let passed: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(passed, 50);
    let question = tiny_counter::Question::Lifetime { events: vec!["x".into()] };
    let question = store.prepare_question(question).unwrap();
    is_shareable::<PreparedQuestion>(&question);
    assert_eq!(question.ask().unwrap(), tiny_counter::Answer::Count(50));
    drop(store);
    assert!(matches!(limit.check("x"), Err(Error::Closed)));
    assert!(!limit.allowed("x"));
}

#[cfg(feature = "serde-json")]
#[test]
fn a_group_that_is_read_is_checked() {
    let limit = Limit::new().any_of([ever("a", 1).none_of([ever("b", 1)]), ever("c", 1)]);
    let text = serde_json::to_string(&limit.constraints()).unwrap();
    let back: Vec<Constraint> = serde_json::from_str(&text).unwrap();
    assert_eq!(Limit::of(back).unwrap(), limit);

    let read = |text: &str| serde_json::from_str::<Constraint>(text).map_err(|error| error.to_string());
    let leaf = r#"{"Cooldown":{"event_id":"x","duration":[1,0]}}"#;
    let group = |inside: &str| format!(r#"{{"AllOf":{{"constraints":[{inside}]}}}}"#);
    let nested = |depth: usize| (0..depth).fold(leaf.to_owned(), |text, _| group(&text));
    assert!(read(&nested(4)).is_ok());
    for depth in [5, 60] {
        assert!(read(&nested(depth)).unwrap_err().contains("at most 4 deep"));
    }
    assert!(read(&nested(4)).is_ok(), "an error leaves nothing behind");
    assert!(read(&group("")).unwrap_err().contains("at least one rule"));
    assert!(read(&group(&vec![leaf; 64].join(","))).is_ok());
    assert!(read(&group(&vec![leaf; 65].join(","))).unwrap_err().contains("at most 64 rules"));
    // A format without a bound of its own: 200,000 groups in a few bytes each.
    let deep: Vec<u8> = [9, 1].repeat(200_000);
    assert!(postcard::from_bytes::<Constraint>(&deep).is_err());
}
