//! Calls every public function.

use std::hint::black_box;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday, WeekdaySet};
use tiny_counter::{
    Clock, Constraint, EventStore, Limit, LimitSet, Limiter, Measure, Occurrence, Query, QueryRange,
    Question, RangeQuery, ReservationKey, SESSION, Schedule, SystemClock, TestClock, TimeWindow, Zone, since,
    since_session,
};

use crate::STORES;
use crate::extremes::{Extremes, UNITS};

pub fn records(store: &EventStore, e: &Extremes) {
    store.record(&e.name);
    store.record_count(&e.name, e.count);
    store.record_ago(&e.name, e.duration);
    store.record_count_ago(&e.other, e.count, e.duration);
    let _ = black_box(store.record_at(&e.name, e.time));
    let _ = black_box(store.record_count_at(&e.other, e.count, e.time));
    let _ = black_box(store.record_now(&e.name));
    let _ = black_box(store.record_count_now(&e.other, e.count));
    let _ = black_box(store.balance_delta(&e.name, &e.other));
    let _ = black_box(store.balance_delta(&e.name, &e.name));
    store.session();
    let _ = black_box(store.app_version(&e.name));
}

pub fn questions(store: &EventStore, e: &Extremes) {
    let query = || store.query(&e.name);
    let last: [fn(Query, usize) -> RangeQuery; 7] = [
        |query, n| query.last_seconds(n),
        |query, n| query.last_minutes(n),
        |query, n| query.last_hours(n),
        |query, n| query.last_days(n),
        |query, n| query.last_weeks(n),
        |query, n| query.last_months(n),
        |query, n| query.last_years(n),
    ];
    last.iter().for_each(|last| range(last(query(), e.n), e));
    range(query().ever(), e);
    range(query().days(e.from..e.n), e);
    range(query().days_from(e.from), e);
    range(query().rolling(e.duration), e);
    black_box((query().last_seen(), query().first_seen(), query().lifetime()));
    UNITS.iter().for_each(|unit| drop(black_box(query().first_seen_in(*unit).map(|ago| ago.to_string()))));
    for marker in [&e.name, &e.other, SESSION] {
        let since = || query().since(marker);
        black_box((since().sum(), since().total(), since().bounds(), since().is_complete()));
    }
    let many = || store.query_many(&[&e.name, &e.other, &e.name]);
    black_box((many().ever().sum(), many().last_days(e.n).average(), many().last_seconds(e.n).sum()));
    black_box(store.query_many(&[""; 0]).last_years(e.n).sum());
    let ratio = || store.query_ratio(&e.name, &e.other);
    let _ = black_box((ratio().try_ever(), ratio().try_last_weeks(e.n), query().try_last_seen()));
    black_box((ratio().ever(), ratio().last_minutes(e.n), ratio().last_months(e.n)));
    let delta = || store.query_delta(&e.name, &e.other);
    black_box((delta().ever().sum(), delta().last_weeks(e.n).average(), delta().last_hours(e.n).sum()));
    let spans = [QueryRange::Units(UNITS[e.n % 8], e.from..e.n), QueryRange::Rolling(e.duration)];
    let measures = [
        Measure::Total,
        Measure::Average,
        Measure::AverageNonzero,
        Measure::CountNonzero,
        Measure::Newest,
        Measure::Oldest,
        Measure::Buckets,
    ];
    for span in spans {
        let events = vec![e.name.clone(), e.other.clone()];
        let counts = |measure: &Measure| Question::Counts {
            events: events.clone(),
            range: span.clone(),
            measure: *measure,
        };
        let _ = black_box(store.ask(&measures.iter().map(counts).collect::<Vec<_>>()));
    }
}

fn range(range: RangeQuery, e: &Extremes) {
    for range in [range.clone(), range.clone().take(e.n), range.take(e.from).take(e.n)] {
        let ask = || range.clone();
        black_box((
            ask().sum(),
            ask().total(),
            ask().average(),
            ask().average_nonzero(),
            ask().count_nonzero(),
        ));
        black_box((ask().last_seen(), ask().first_seen(), ask().into_buckets().len()));
        let _ = black_box((ask().try_sum(), ask().try_average_nonzero(), ask().try_into_buckets()));
    }
}

pub fn limits(store: &EventStore, e: &Extremes) {
    let unit = UNITS[e.from % 8];
    let window = TimeWindow { count: e.n, time_unit: unit };
    let each: [&dyn Fn(Limiter) -> Limiter; 12] = [
        &|limit| limit.at_most(&e.name, e.count, unit),
        &|limit| limit.at_most(&e.other, e.count, window),
        &|limit| limit.at_most(&e.name, e.count, e.duration),
        &|limit| limit.at_most(&e.name, 1, e.duration),
        &|limit| limit.at_least(&e.name, e.count, (e.n, unit)),
        &|limit| limit.at_least(&e.other, e.count, e.duration),
        &|limit| limit.at_most(&e.name, e.count, since(&e.other)),
        &|limit| limit.at_least(&e.other, e.count, since_session()),
        &|limit| limit.cooldown(&e.name, e.duration),
        &|limit| limit.within(&e.other, e.duration),
        &|limit| schedules(e).into_iter().fold(limit, Limiter::during),
        &|limit| schedules(e).into_iter().fold(limit, Limiter::outside_of),
    ];
    for rule in each {
        let limit = || rule(store.limit());
        if let Err(error) = limit().check(&e.name) {
            let refusals = error.as_limit_exceeded().map(|refusal| refusal.all().to_vec());
            black_box((error.to_string(), refusals));
        }
        black_box(limit().allowed(&e.other));
        let _ = black_box(limit().check_and_record(&e.name));
        let _ = black_box(limit().usage(&e.name));
        match limit().reserve(&e.other) {
            Ok(reservation) if e.n.is_multiple_of(3) => reservation.commit(),
            Ok(reservation) if e.n % 3 == 1 => reservation.cancel(),
            other => drop(black_box(other)),
        }
        match limit().reserve_for(&e.other, e.duration) {
            Ok(key) if e.n.is_multiple_of(3) => drop(black_box(store.commit_reservation(key))),
            Ok(key) if e.n % 3 == 1 => drop(black_box(store.cancel_reservation(key))),
            other => drop(black_box(other)),
        }
    }
    black_box(store.reservations());
    for number in [0, 1, u64::MAX] {
        let key = ReservationKey::from(number);
        let _ = black_box((store.commit_reservation(key), store.cancel_reservation(key), u64::from(key)));
    }
    values(store, e);
    let all = each.iter().fold(store.limit(), |limit, rule| rule(limit));
    let _ = black_box(all.reserve(&e.name).and_then(|reservation| reservation.try_commit()));
}

/// Limits as values, with groups.
fn values(store: &EventStore, e: &Extremes) {
    let unit = UNITS[e.from % 8];
    let leaf = || Limit::new().at_most(&e.name, e.count, e.duration).at_least(&e.other, e.count, (e.n, unit));
    let scheduled = schedules(e).into_iter().fold(Limit::new(), Limit::during);
    let limits = [
        leaf().any_of([leaf(), scheduled.clone()]).also_record(&e.other),
        leaf().none_of([leaf().all_of([scheduled.clone()]), Limit::new().cooldown(&e.name, e.duration)]),
        Limit::new().any_of([]).none_of([scheduled]),
        Limit::new().none_of([Limit::new().within(&e.other, e.duration)]).at_most(&e.name, 1, e.duration),
    ];
    for limit in limits {
        black_box(format!("{limit:?} {}", limit == leaf()));
        if let Ok(text) = limit.to_json() {
            assert_eq!(Limit::from_json(&text).unwrap(), limit);
        }
        let _ = black_box(Limit::of(limit.constraints()));
        let Ok(prepared) = store.prepare(limit) else { continue };
        if let Err(error) = prepared.check_and_record(&e.name) {
            black_box((error.to_string(), error.as_limit_exceeded().map(|refusal| refusal.allowed_after())));
        }
        let _ = black_box(prepared.explain(&e.name).map(|explanation| explanation.to_string()));
        let occurrence = Occurrence { at: e.time, event_id: e.other.clone(), count: e.count };
        let asked = [e.time, DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
        let _ = black_box(prepared.rehearse(&e.name, [occurrence], asked));
    }
    let _ =
        black_box((store.daily_history(&e.name), Limit::from_json(&e.name), LimitSet::from_json(&e.name)));
}

/// Schedules from every constructor, and such that only the enum itself can express.
fn schedules(e: &Extremes) -> Vec<Schedule> {
    let (start_hour, end_hour) = e.hours;
    let (date, far) = (e.time.date_naive(), NaiveDate::MAX);
    let made = [
        Schedule::daily((start_hour, end_hour), (end_hour, start_hour)),
        Schedule::daily_local_tz((start_hour % 24, end_hour % 60), (end_hour % 24, 0)),
        Schedule::days_of_week(&[Weekday::Mon; 3][..e.n % 4]),
        Schedule::days_of_week_local_tz(&[date.weekday()]),
        Schedule::dates(date, far),
        Schedule::dates_local_tz(date, date),
        Schedule::hours(start_hour, end_hour),
        Schedule::hours_local_tz(start_hour % 25, end_hour % 25),
        Schedule::hours_overnight(start_hour % 25, end_hour % 25, true),
    ];
    let mut schedules: Vec<Schedule> = made.into_iter().flatten().collect();
    schedules.extend([true, false].map(|use_local_tz| Schedule::Hours {
        start_hour,
        end_hour,
        use_local_tz,
    }));
    let (start_minute, end_minute) = (e.count as u16, e.n as u16);
    schedules.extend([
        Schedule::Daily { start_minute, end_minute, use_local_tz: true },
        Schedule::DaysOfWeek { days: WeekdaySet::EMPTY, use_local_tz: true },
        Schedule::Dates { first: NaiveDate::MIN, last: far, use_local_tz: true },
        Schedule::weekdays(),
        Schedule::weekdays_local_tz(),
        Schedule::weekends(),
        Schedule::weekends_local_tz(),
    ]);
    schedules.push(Schedule::Custom(Arc::new(|at| at.timestamp() % 2 == 0)));
    schedules.iter().for_each(|schedule| drop(black_box(format!("{schedule} {schedule:?}"))));
    schedules
}

pub fn exchanges(store: &EventStore, e: &Extremes) {
    let _ = black_box((store.export_dirty(), store.export_since(&store.knowledge().unwrap())));
    let Ok(events) = store.export_all() else { return };
    let other = EventStore::builder().with_zone(Zone::utc()).build().unwrap();
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    if let Some(counter) = events.get(&e.name) {
        let _ = black_box(other.merge_event(&e.other, counter.clone()));
        let _ = black_box(other.import_event(&e.other, counter.clone()));
    }
    other.merge_all(events.clone()).unwrap();
    store.import_all(other.export_all().unwrap()).unwrap();
    let _ = black_box(store.merge(other));
}

pub fn life(store: &mut EventStore, e: &Extremes) {
    assert_eq!(store.persist_all().is_ok(), STORES);
    assert_eq!(store.compact().is_ok(), STORES);
    store.reset_dirty();
    let _ = black_box(store.try_events());
    black_box((store.events(), store.health(), store.memory_usage(), store.is_dirty(), store.clock_now()));
    black_box((store.tracked_intervals(), format!("{store:?}")));
    store.acknowledge_loss().unwrap();
    let _ = black_box(store.erase_event(&e.name));
    assert_eq!(store.persist().is_ok(), STORES);
    if e.n.is_multiple_of(5) {
        store.erase_all().unwrap();
    }
}

pub fn builders(e: &Extremes) {
    let auto = EventStore::builder().auto_persist(e.duration);
    black_box(format!("{auto:?}"));
    let _ = black_box(auto.build().map(|_| ()));
    let _ = black_box(EventStore::builder().for_rate_limiting().for_analytics().build().map(|_| ()));
    let clock = TestClock::build_for_testing_at(e.time);
    clock.advance(e.duration);
    clock.advance(Duration::MAX);
    clock.advance(e.duration);
    black_box((
        clock.now(),
        clock.unix_millis(),
        TestClock::new_at(e.time).unix_millis(),
        SystemClock::new().unix_millis(),
    ));
    let constraint = Constraint::AtMost {
        event_id: e.name.clone(),
        limit: e.count,
        window_count: e.n,
        time_unit: UNITS[e.from % 8],
    };
    black_box((constraint.to_string(), constraint.event_id()));
    black_box(
        Constraint::AtMostRolling { event_id: e.name.clone(), limit: e.count, window: e.duration }
            .to_string(),
    );
    black_box(Constraint::Cooldown { event_id: e.name.clone(), duration: e.duration }.to_string());
}
