//! Limits that programs build in steps, and what they do with a refusal.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};

use crate::counter::{
    Constraint, Error, EventId, EventStore, Limiter, Result, Schedule, TestClock, TimeUnit,
};

struct Rule {
    event: String,
    most: u32,
    window: (usize, TimeUnit),
}

#[test]
fn a_limit_grows_in_a_loop_and_by_conditions() {
    let store = EventStore::new();
    let rules = [("prompt", 3, (7, TimeUnit::Days)), ("message", 2, (2, TimeUnit::Weeks))]
        .map(|(event, most, window)| Rule { event: event.to_owned(), most, window });
    let limit_for = |strict: bool| {
        let mut limit = store.limit();
        for rule in &rules {
            limit = limit.at_most(&rule.event, rule.most, rule.window);
        }
        if strict {
            limit = limit.cooldown(format!("{}:dismissed", rules[0].event), Duration::days(2));
        }
        limit
    };
    let pending = limit_for(true);
    store.record("prompt:dismissed");
    assert!(limit_for(false).check_and_record("prompt").is_ok());
    assert!(limit_for(true).check_and_record("prompt").is_err());
    assert!(!pending.allowed("prompt"), "a limit is evaluated when it is asked");

    store.record_count("message", 2);
    let folded =
        rules.iter().fold(store.limit(), |limit, rule| limit.at_most(&rule.event, rule.most, rule.window));
    let refusal = folded.check("prompt").unwrap_err();
    assert!(refusal.as_limit_exceeded().is_some_and(|refused| refused.event_id == "prompt"));
}

/// The app's own layer for one kind of event.
struct Sender {
    store: EventStore,
    in_two_days: u32,
}

impl Sender {
    fn limiter(&self, user: &str) -> Limiter {
        self.store.limit().at_most(format!("sent:{user}"), self.in_two_days, (48, TimeUnit::Hours))
    }

    fn send(&self, user: &str) -> bool {
        self.limiter(user).check_and_record(format!("sent:{user}")).is_ok()
    }

    fn left(&self, user: &str) -> u32 {
        self.limiter(user).usage(format!("sent:{user}")).map_or(self.in_two_days, |usage| usage.remaining)
    }
}

#[test]
fn a_method_returns_a_limit_for_every_user() {
    let sender = Sender { store: EventStore::new(), in_two_days: 2 };
    assert!(sender.send("ann"));
    assert_eq!(sender.left("ann"), 1);
    assert!(sender.send("ann"));
    assert!(!sender.send("ann"));
    assert!(sender.send("bob"));
    let usage = sender.limiter("ann").usage("sent:ann").unwrap();
    assert_eq!((usage.count, usage.limit, usage.remaining), (2, 2, 0));
    let strict = sender.limiter("bob").cooldown("sent:ann", Duration::minutes(10));
    assert!(!strict.allowed("sent:bob"));
}

/// Rules that are used in many places.
trait Tiers {
    fn free_tier(&self, event: &str) -> Limiter;
}

impl Tiers for EventStore {
    fn free_tier(&self, event: &str) -> Limiter {
        at_work(self.limit()).at_most(event, 2, TimeUnit::Days).at_most(event, 3, (2, TimeUnit::Days))
    }
}

fn at_work(limit: Limiter) -> Limiter {
    let hours = Schedule::Hours { start_hour: 9, end_hour: 17, use_local_tz: false };
    limit.during(Schedule::weekdays()).during(hours)
}

fn with_wait(limit: Limiter, event: impl EventId, minutes: Option<i64>) -> Limiter {
    match minutes {
        Some(minutes) => limit.cooldown(event, Duration::minutes(minutes)),
        None => limit,
    }
}

#[test]
fn functions_and_a_trait_of_the_app_make_limits_and_add_rules() {
    let (store, clock) = at_noon();
    assert!(store.free_tier("export").check_and_record("export").is_ok());
    assert!(!with_wait(store.free_tier("export"), "export", Some(10)).allowed("export"));
    assert!(with_wait(store.free_tier("export"), "export", None).check_and_record("export").is_ok());
    assert!(!store.free_tier("export").allowed("export"), "two on one day");
    clock.advance(Duration::days(1));
    assert!(store.free_tier("export").check_and_record("export").is_ok());
    assert!(!store.free_tier("export").allowed("export"), "three on two days");
    clock.advance(Duration::days(3));
    assert!(!store.free_tier("export").allowed("export"), "a Sunday");
    clock.advance(Duration::days(1));
    assert!(store.free_tier("export").allowed("export"), "a Monday");
}

/// A store at noon of a Wednesday.
fn at_noon() -> (EventStore, TestClock) {
    let clock = TestClock::build_for_testing_at(DateTime::from_timestamp(1_750_248_000, 0).unwrap());
    let store = EventStore::builder().with_clock(Arc::new(clock.clone())).build().unwrap();
    (store, clock)
}

#[test]
fn a_program_tells_refusals_apart_by_their_constraint() {
    fn why(result: Result<()>) -> String {
        match result {
            Ok(()) => "yes".to_owned(),
            Err(Error::LimitExceeded(refused)) => match refused.constraint {
                Constraint::AtMost { event_id, limit, .. } => format!("{event_id}: at most {limit}"),
                Constraint::AtLeast { count, .. } => format!("{}: needs {count}", refused.event_id),
                Constraint::Cooldown { duration, .. } => format!("wait {} min", duration.num_minutes()),
                Constraint::Within { prerequisite_event, .. } => format!("first {prerequisite_event}"),
                other => format!("{other:?}"),
            },
            Err(error) => panic!("{error}"),
        }
    }
    let (store, clock) = at_noon();
    let login = || store.limit().within("login", Duration::hours(2));
    assert_eq!(why(login().check("pay")), "first login");
    store.record("login");
    assert_eq!(why(login().check("pay")), "yes");
    clock.advance(Duration::hours(5));
    assert_eq!(why(login().check("pay")), "first login");
    store.record_count("pay", 3);
    assert_eq!(why(store.limit().at_most("pay", 3, TimeUnit::Days).check("pay")), "pay: at most 3");
    assert_eq!(why(store.limit().at_least("launch", 2, TimeUnit::Weeks).check("rate")), "rate: needs 2");
    let cooldown = store.limit().cooldown("pay", Duration::minutes(30)).check("pay");
    let refused = cooldown.as_ref().err().and_then(Error::as_limit_exceeded);
    assert!(
        refused.and_then(|refused| refused.retry_after).is_some_and(|wait| wait <= Duration::minutes(30))
    );
    assert_eq!(why(cooldown), "wait 30 min");
}

/// What the app shows to its user.
#[derive(Debug)]
enum AppError {
    Busy { again_in: Option<Duration> },
    Counter(Error),
}

impl From<Error> for AppError {
    fn from(error: Error) -> AppError {
        match error {
            Error::LimitExceeded(refused) => AppError::Busy { again_in: refused.retry_after },
            other => AppError::Counter(other),
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppError::Busy { .. } => write!(f, "busy"),
            AppError::Counter(error) => write!(f, "counter: {error}"),
        }
    }
}

impl StdError for AppError {}

#[test]
fn errors_travel_through_the_question_mark() {
    fn export(store: &EventStore) -> std::result::Result<u32, AppError> {
        store.limit().at_most("export", 1, TimeUnit::Days).check_and_record("export")?;
        store.record_at("export:bytes", store.clock_now() - Duration::minutes(5))?;
        Ok(store.query("export:bytes").last_days(2).sum().unwrap_or(0))
    }
    fn run(store: &EventStore) -> std::result::Result<String, Box<dyn StdError + Send + Sync>> {
        let bytes = export(store)?;
        store.limit().at_most("run", 1, TimeUnit::Days).check_and_record("run")?;
        Ok(format!("{bytes} exported"))
    }
    let (store, _clock) = at_noon();
    assert_eq!(run(&store).unwrap(), "1 exported");
    assert!(matches!(export(&store), Err(AppError::Busy { again_in: Some(_) })));
    assert_eq!(run(&store).unwrap_err().to_string(), "busy");
    let future = store.record_at("export", store.clock_now() + Duration::days(1)).map_err(AppError::from);
    assert!(matches!(future, Err(AppError::Counter(Error::FutureEvent))));
    let missing = store.persist().unwrap_err();
    assert!(matches!(&missing, Error::Storage(_)) && missing.as_limit_exceeded().is_none());
}

#[test]
fn schedules_are_ready_made_or_closures() {
    let (store, clock) = at_noon();
    let lunch = Schedule::Custom(Arc::new(|now: DateTime<Utc>| now.hour() == 12));
    let office = Schedule::hours(9, 17).unwrap();
    assert!(matches!(Schedule::hours(17, 9), Err(Error::InvalidRange(17, 9))));
    assert!(matches!(Schedule::hours(25, 26), Err(Error::InvalidHour(25))));
    let day = 18;
    let birthday = Schedule::Custom(Arc::new(move |now| now.day() == day));

    let quiet = || store.limit().during(office.clone()).outside_of(lunch.clone());
    assert!(!quiet().allowed("call"));
    assert!(store.limit().during(birthday.clone()).during(lunch.clone()).allowed("cake"));
    clock.advance(Duration::hours(1));
    assert!(quiet().allowed("call"));
    assert!(!store.limit().during(birthday.clone()).during(lunch).allowed("cake"));
    clock.advance(Duration::days(3));
    assert!(store.limit().during(Schedule::weekends()).outside_of(birthday).allowed("game"));
    let refusal = store.limit().outside_of(Schedule::weekends()).check("game").unwrap_err();
    let constraint = &refusal.as_limit_exceeded().unwrap().constraint;
    assert!(matches!(
        constraint,
        Constraint::OutsideOf { schedule: Schedule::Weekends { use_local_tz: false } }
    ));
}
