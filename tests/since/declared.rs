//! Which events are markers.

use chrono::Duration;
use tiny_counter::{Answer, CountBounds, Error, Limit, Question, SESSION, since};

use super::common::SharedStorage;
use super::common::stores::{clock, in_memory, on_storage, under};
use super::{bounds, exactly};

#[test]
fn an_event_that_is_not_declared_is_an_error_with_advice() {
    let store = in_memory(&clock());
    store.record("m");
    store.record("tap");
    let limit = || Limit::new().any_of([Limit::new().at_most("tap", 9, since("m"))]);
    let mut errors = vec![
        store.limit().at_most("tap", 9, since("m")).check("tap").unwrap_err(),
        store.limit().at_least("tap", 0, since("m")).usage("tap").unwrap_err(),
        store.limit().none_of([limit()]).explain("tap").unwrap_err(),
        store.prepare(limit()).unwrap_err(),
        store.query("tap").since("m").try_sum().unwrap_err(),
        store.query("tap").since("m").try_bounds().unwrap_err(),
    ];
    let question = Question::Since { events: vec!["tap".into()], marker: "m".into() };
    errors.push(store.ask(std::slice::from_ref(&question)).unwrap_err());
    errors.push(store.ask_memory(std::slice::from_ref(&question)).unwrap_err());
    errors.push(store.prepare_question(question).unwrap_err());
    for error in errors {
        let Error::ConfigMismatch(text) = &error else { panic!("{error:?}") };
        assert!(text.contains("declare it when the store is opened") && !text.contains("\"m\""), "{text}");
    }
    assert!(!store.limit().at_most("tap", 9, since("m")).allowed("tap"));
    assert_eq!(store.query("tap").since("m").sum(), None);
    assert_eq!(store.query("tap").since("m").bounds(), None);
    assert!(!store.query("tap").since("m").is_complete());
}

#[test]
fn a_store_has_at_most_8_markers_and_one_may_be_declared_twice() {
    let names: Vec<String> = (0..8).map(|number| format!("marker {number}")).collect();
    let declared =
        |names: &[String]| names.iter().fold(under(&clock()), |builder, name| builder.with_marker(name));
    let store = declared(&names).with_marker(&names[3]).with_marker(SESSION).build().unwrap();
    for name in &names {
        store.record("tap");
        store.record(name);
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(exactly(&store, "tap", name), 7 - number as u64);
    }
    let too_many = declared(&names).with_marker("ninth").build().unwrap_err();
    assert!(matches!(too_many, Error::InvalidArgument(_)), "{too_many}");
    let too_long = under(&clock()).with_marker("x".repeat(1025)).build().unwrap_err();
    assert!(matches!(too_long, Error::InvalidEvent { .. }), "{too_long}");
}

#[test]
fn any_name_can_be_a_marker() {
    let long = "ü".repeat(512);
    for name in ["", "~m", "..", &long] {
        let store = under(&clock()).with_marker(name).build().unwrap();
        store.record_count(name, 2);
        store.record("tap");
        assert_eq!(exactly(&store, "tap", name), 1);
        let limit = Limit::new().at_most("tap", 2, since(name)).at_most(&long, 2, since(name));
        assert_eq!(limit.constraints()[0].marker(), Some(name));
        assert_eq!(limit.constraints()[1].event_id(), Some(&*long));
        store.prepare(limit).unwrap().check("tap").unwrap();
    }
}

#[test]
fn a_marker_is_an_ordinary_event() {
    let clock = clock();
    let store = under(&clock).with_marker("m").build().unwrap();
    store.record_count("m", 3);
    assert_eq!(store.query("m").last_days(1).sum(), Some(3));
    let other = in_memory(&clock);
    other.merge_bytes(&store.export_bytes().unwrap()).unwrap();
    assert_eq!(other.query("m").lifetime(), Some(3));
    assert!(!store.limit().cooldown("m", Duration::hours(1)).allowed("m"));
    assert!(store.erase_event("m").unwrap().is_some());
    assert!(store.events().is_empty());
}

#[test]
fn an_event_that_becomes_a_marker_later_gives_bounds_until_it_is_recorded() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let plain = || on_storage(&clock, &storage);
    let marked = || under(&clock).with_storage(storage.clone()).with_marker("m").build().unwrap();
    let wait = || clock.advance(Duration::seconds(90));
    let store = plain();
    store.record_count("tap", 5);
    wait();
    store.record("m");
    store.record_count("tap", 2);
    wait();
    store.record("tap");
    store.close().unwrap();
    let store = marked();
    // The minute of the marker is counted as a whole, or not at all.
    assert_eq!(bounds(&store, "tap", "m"), (1, 3));
    store.record("m");
    store.record("tap");
    assert_eq!(exactly(&store, "tap", "m"), 1);
    store.close().unwrap();
    assert_eq!(exactly(&marked(), "tap", "m"), 1);
    // What is recorded while it is not declared is noticed.
    wait();
    let store = plain();
    store.record("tap");
    store.close().unwrap();
    let store = marked();
    assert_eq!(bounds(&store, "tap", "m"), (1, 3));
    wait();
    store.record("m");
    assert_eq!(exactly(&store, "tap", "m"), 0);
    store.record("tap");
    store.close().unwrap();
    wait();
    let store = plain();
    store.record("m");
    wait();
    store.record("other");
    store.close().unwrap();
    let store = marked();
    assert_eq!(bounds(&store, "tap", "m"), (0, 0));
    assert_eq!(bounds(&store, "other", "m"), (1, 1));
}

#[test]
fn another_declared_marker_does_not_hide_that_one_was_not_declared() {
    let (clock, storage) = (clock(), SharedStorage::default());
    let with =
        |marker: &str| under(&clock).with_storage(storage.clone()).with_marker(marker).build().unwrap();
    let store = with("m");
    store.record("m");
    clock.advance(Duration::hours(1));
    store.record("tap");
    store.close().unwrap();
    let store = with("n");
    store.record("n");
    store.record("tap");
    store.close().unwrap();
    let store =
        under(&clock).with_storage(storage.clone()).with_marker("m").with_marker("n").build().unwrap();
    assert_eq!((bounds(&store, "tap", "m"), exactly(&store, "tap", "n")), ((2, 2), 1));
    store.record("m");
    store.close().unwrap();
    let store = with("n");
    store.record("m");
    store.record("tap");
    store.close().unwrap();
    let store = with("m");
    assert_eq!(bounds(&store, "tap", "m").1, 3, "the second recording was not noted");
}

#[test]
fn a_question_and_a_prepared_question_count_since_a_marker() {
    let store = under(&clock()).with_marker("m").build().unwrap();
    let question = |events: &[&str]| Question::Since {
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        marker: "m".into(),
    };
    let prepared = store.prepare_question(question(&["tap", "swipe"])).unwrap();
    assert_eq!(prepared.ask().unwrap(), Answer::Absent);
    store.record("m");
    store.record_count("tap", 2);
    assert_eq!(prepared.ask().unwrap(), Answer::Count(2));
    store.record("swipe");
    assert_eq!(prepared.ask().unwrap(), Answer::Count(3));
    assert_eq!(store.ask(&[question(&["swipe"])]).unwrap(), [Answer::Count(1)]);
    assert_eq!(store.query("tap").since("m").total(), Some(2));
    assert!(store.query("tap").since("m").is_complete());
}

#[test]
fn the_bounds_of_several_events_are_added_up() {
    let clock = clock();
    let marked = || under(&clock).with_marker("m").build().unwrap();
    let (store, other) = (marked(), marked());
    let bounds = |events: &[&str]| Question::SinceBounds {
        events: events.iter().map(|one| (*one).to_owned()).collect(),
        marker: "m".into(),
    };
    let ask = |events: &[&str]| store.ask(&[bounds(events)]).unwrap().remove(0);
    assert_eq!(ask(&["tap", "swipe"]), Answer::Absent);
    store.record_count("tap", 2);
    store.record("m");
    store.record("tap");
    store.record_count("swipe", 3);
    assert_eq!(ask(&["tap", "swipe"]), Answer::Bounds(CountBounds { lower: 4, upper: 4 }));
    other.record_count("tap", 5);
    store.merge_bytes(&other.export_bytes().unwrap()).unwrap();
    assert_eq!(ask(&["tap", "swipe"]), Answer::Bounds(CountBounds { lower: 4, upper: 9 }));
    let prepared = store.prepare_question(bounds(&["tap"])).unwrap();
    assert_eq!(prepared.ask().unwrap(), Answer::Bounds(CountBounds { lower: 1, upper: 6 }));
    let no_marker = Question::SinceBounds { events: vec!["tap".into()], marker: "n".into() };
    assert!(matches!(store.ask(&[no_marker]), Err(Error::ConfigMismatch(_))));
}
