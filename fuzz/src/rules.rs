//! Any bytes as a rule document. If it can be read, it is written as a document that says the same,
//! a store can be asked, and the limits decide the same as those that were written.

use chrono::Duration;
use tiny_counter::{Error, EventStore, Limit, LimitSet};

use crate::view;

pub fn run(data: &[u8]) {
    let Some((how, bytes)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    let documents = match how % 4 {
        0 => [text.into_owned(), String::new()],
        // The rules of a limit, or the limits of a set.
        1 => {
            [format!(r#"{{"version":1,"all":[{text}]}}"#), format!(r#"{{"version":1,"limits":{{{text}}}}}"#)]
        }
        // One rule about an event, or one schedule.
        2 => [
            format!(r#"{{"version":1,"all":[{{"of":"x",{text}}}]}}"#),
            format!(r#"{{"version":1,"all":[{{"during":{{{text}}}}}]}}"#),
        ],
        // A window or a duration.
        _ => [
            format!(r#"{{"version":1,"all":[{{"at_most":1,"of":"x","within":{text}}}]}}"#),
            format!(r#"{{"version":1,"all":[{{"cooldown":"{text}","of":"x"}}]}}"#),
        ],
    };
    for document in documents {
        check(&document);
    }
}

fn check(document: &str) {
    if let Some(limit) = read(Limit::from_json(document)) {
        let text = limit.to_json().expect("a limit that was just read cannot be written");
        let again = Limit::from_json(&text).expect("a limit that was just written cannot be read");
        assert_eq!(again, limit, "writing changed a limit");
        assert_eq!(again.to_json().unwrap(), text, "one limit was written as different documents");
        ask(limit, again);
    }
    if let Some(set) = read(LimitSet::from_json(document)) {
        // A set can be longer when it is written: names are escaped in another way.
        if let Ok(text) = set.to_json() {
            let again = LimitSet::from_json(&text).expect("a set that was just written cannot be read");
            assert_eq!(again, set, "writing changed a set");
        }
    }
}

fn read<T>(read: tiny_counter::Result<T>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(Error::InvalidRules { place, fault }) => {
            assert!(place.is_empty() || place.starts_with('/'), "not a JSON pointer: {place}");
            assert!(!fault.is_empty());
            None
        }
        Err(Error::Incompatible { .. }) => None,
        Err(error) => panic!("a document was refused with an unexpected error: {error}"),
    }
}

/// Asks a store with a short history.
fn ask(limit: Limit, again: Limit) {
    let clock = view::clock();
    let store: EventStore = view::builder(&clock).build().unwrap();
    for event in ["x", "y", "x"] {
        store.record(event);
        clock.advance(Duration::minutes(50));
    }
    match (store.prepare(limit), store.prepare(again)) {
        (Ok(limit), Ok(again)) => {
            let decisions = [limit, again].map(|limit| limit.check("z").map_err(|error| error.to_string()));
            assert_eq!(decisions[0], decisions[1], "a limit that was written decides differently");
        }
        // The windows do not fit the tracked units of the store.
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        (one, other) => panic!("only one of two equal limits can be prepared: {one:?}, {other:?}"),
    }
}
