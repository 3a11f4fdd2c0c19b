//! The steps of a file that Kotlin and Swift run too: all languages give the same answers.

#![cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::collections::HashMap;
use std::fmt::Display;

use chrono::{DateTime, Duration};
use common::stores::{clock_at, instant, under};
use tiny_counter::{
    Answer, Error, EventStore, LimitSet, Measure, PreparedLimit, QueryRange, Question, ReservationKey,
    TestClock, TimeUnit,
};

const FILE: &str = "tests/fixtures/steps.txt";

struct Steps {
    clock: TestClock,
    stores: HashMap<&'static str, EventStore>,
    limits: LimitSet,
    keys: HashMap<String, ReservationKey>,
}

impl Steps {
    fn new() -> Steps {
        let clock = clock_at(instant("2026-03-10T12:00:00Z"));
        let store = || under(&clock).with_marker("update").build().unwrap();
        let stores = HashMap::from([("phone", store()), ("tablet", store())]);
        let limits = std::fs::read_to_string("tests/fixtures/rules/app.json").unwrap();
        let limits = LimitSet::from_json(&limits).unwrap();
        Steps { clock, stores, limits, keys: HashMap::new() }
    }

    /// The answer to a step; empty if it has none.
    fn take(&mut self, step: &str) -> String {
        let words: Vec<&str> = step.split(' ').collect();
        match words[..] {
            ["wait", seconds] => {
                self.clock.advance(Duration::seconds(number(seconds)));
                String::new()
            }
            [store, verb, ref arguments @ ..] => match self.record(store, verb, arguments) {
                Some(answer) => answer,
                None => self.ask(store, verb, arguments),
            },
            _ => panic!("{step}"),
        }
    }

    fn limit(&self, store: &str, name: &str) -> PreparedLimit {
        self.stores[store].prepare(self.limits.get(name).unwrap().clone()).unwrap()
    }

    /// Steps that change a store.
    fn record(&mut self, store: &str, verb: &str, arguments: &[&str]) -> Option<String> {
        let phone = &self.stores[store];
        Some(match (verb, arguments) {
            ("record", [event, count]) => {
                phone.record_count(*event, number(count));
                String::new()
            }
            ("record_ago", [event, seconds, count]) => {
                phone.record_count_ago(*event, number(count), Duration::seconds(number(seconds)));
                String::new()
            }
            ("record_at", [event, seconds, count]) => {
                let at = DateTime::from_timestamp(number(seconds), 0).unwrap();
                phone.record_count_at(*event, number(count), at).unwrap();
                String::new()
            }
            ("session", []) => {
                phone.session();
                String::new()
            }
            ("app_version", [text]) => phone.app_version(text).unwrap().to_string(),
            ("balance", [positive, negative]) => {
                phone.balance_delta(*positive, *negative).unwrap();
                String::new()
            }
            ("erase", [event]) => phone.erase_event(*event).unwrap().is_some().to_string(),
            ("erase_all", []) => phone.erase_all().unwrap().len().to_string(),
            ("decide", [name]) => decided(self.limit(store, name).check_and_record(*name)),
            ("hold", [name, seconds, key]) => {
                let held = self.limit(store, name).reserve_for(*name, Duration::seconds(number(seconds)));
                if let Ok(held) = &held {
                    self.keys.insert((*key).to_owned(), *held);
                }
                decided(held)
            }
            ("commit" | "cancel", [key]) => {
                let Some(held) = self.keys.remove(*key) else { return Some("none".into()) };
                let ended = match verb {
                    "commit" => phone.commit_reservation(held),
                    _ => phone.cancel_reservation(held),
                };
                match ended {
                    Ok(()) => "done".into(),
                    Err(Error::ReservationExpired { .. }) => "expired".into(),
                    Err(error) => panic!("{error}"),
                }
            }
            ("merge", [from]) => self.merge(store, vec![self.stores[*from].export_bytes().unwrap()]),
            ("hear", [from]) => {
                let news = self.stores[*from].export_since(&phone.knowledge().unwrap()).unwrap();
                self.merge(store, vec![news])
            }
            ("hear_parts", [from]) => {
                let known = phone.knowledge().unwrap();
                self.merge(store, self.stores[*from].export_parts_since(&known, 400).unwrap())
            }
            _ => return None,
        })
    }

    fn merge(&self, store: &str, parts: Vec<Vec<u8>>) -> String {
        let changed = parts.iter().map(|part| self.stores[store].merge_bytes(part).unwrap().events_changed);
        changed.sum::<usize>().to_string()
    }

    /// Questions.
    fn ask(&self, store: &str, verb: &str, arguments: &[&str]) -> String {
        let phone = &self.stores[store];
        let one = |question: Question| text(&phone.ask(&[question]).unwrap()[0]);
        match (verb, arguments) {
            ("events", []) => {
                let mut events = phone.events();
                events.sort_unstable();
                joined(events)
            }
            ("allowed", [name]) => self.limit(store, name).allowed(*name).to_string(),
            ("usage", [name]) => match self.limit(store, name).usage(*name) {
                Ok(usage) => format!("{}/{}", usage.count, usage.limit),
                Err(Error::EventNotFound(_)) => "none".into(),
                Err(error) => panic!("{error}"),
            },
            ("explain", [name]) => {
                let explained = self.limit(store, name).explain(*name).unwrap();
                let wait = explained.allowed_after.filter(|_| !explained.passes);
                let rules = explained.rules.iter().map(|rule| if rule.passes { "+" } else { "-" });
                format!("{} {}", rules.collect::<String>(), millis(wait))
            }
            ("history", [event]) => {
                let history = phone.daily_history(*event).unwrap();
                joined(history.iter().map(|day| format!("{}:{}", day.at.timestamp(), day.count)))
            }
            ("since", [event, marker]) => bounds(&one, event, marker),
            ("since_session", [event]) => bounds(&one, event, tiny_counter::SESSION),
            ("since_version", [event]) => bounds(&one, event, tiny_counter::APP_VERSION),
            ("lifetime", [event]) => one(Question::Lifetime { events: vec![(*event).to_owned()] }),
            ("last_seen", [event]) => one(Question::LastSeen { events: vec![(*event).to_owned()] }),
            ("first_seen", [event]) => one(Question::FirstSeen { events: vec![(*event).to_owned()] }),
            ("rolling", [event, seconds]) => {
                let range = QueryRange::Rolling(Duration::seconds(number(seconds)));
                one(Question::Counts { events: vec![(*event).to_owned()], range, measure: Measure::Total })
            }
            ("ratio" | "delta", [one_event, other, unit, n]) => {
                let (one_event, other, range) =
                    ((*one_event).to_owned(), (*other).to_owned(), units(unit, n));
                one(match verb {
                    "ratio" => Question::Ratio { numerator: one_event, denominator: other, range },
                    _ => Question::Delta { positive: one_event, negative: other, range },
                })
            }
            (_, [event, unit, n]) => {
                let measure = match verb {
                    "sum" => Measure::Total,
                    "average" => Measure::Average,
                    "average_nonzero" => Measure::AverageNonzero,
                    "count_nonzero" => Measure::CountNonzero,
                    "newest" => Measure::Newest,
                    "oldest" => Measure::Oldest,
                    "buckets" => Measure::Buckets,
                    "dates" => Measure::BucketsByDate,
                    _ => panic!("{verb}"),
                };
                one(Question::Counts { events: vec![(*event).to_owned()], range: units(unit, n), measure })
            }
            _ => panic!("{verb} {arguments:?}"),
        }
    }
}

fn number<N: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> N {
    text.parse().unwrap()
}

fn joined(values: impl IntoIterator<Item: Display>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    values.join(",")
}

fn millis(duration: Option<Duration>) -> String {
    duration.map_or("never".into(), |duration| duration.num_milliseconds().to_string())
}

fn decided<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(_) => "recorded".into(),
        Err(Error::LimitExceeded(refused)) => format!("refused {}", millis(refused.allowed_after())),
        Err(error) => panic!("{error}"),
    }
}

fn bounds(one: &dyn Fn(Question) -> String, event: &str, marker: &str) -> String {
    one(Question::SinceBounds { events: vec![event.to_owned()], marker: marker.to_owned() })
}

fn units(unit: &str, n: &str) -> QueryRange {
    let unit = match unit {
        "minutes" => TimeUnit::Minutes,
        "hours" => TimeUnit::Hours,
        "days" => TimeUnit::Days,
        "weeks" => TimeUnit::Weeks,
        "months" => TimeUnit::Months,
        "years" => TimeUnit::Years,
        _ => panic!("{unit}"),
    };
    QueryRange::Units(unit, 0..number(n))
}

fn text(answer: &Answer) -> String {
    match answer {
        Answer::Absent => "none".into(),
        Answer::Count(count) => count.to_string(),
        Answer::Number(number) => format!("{number:.4}"),
        Answer::Ago(ago) => ago.num_milliseconds().to_string(),
        Answer::Flag(flag) => flag.to_string(),
        Answer::Date(at) => at.timestamp_millis().to_string(),
        Answer::Difference(difference) => difference.to_string(),
        Answer::Buckets(buckets) => joined(buckets),
        Answer::Dated(counts) => {
            let dated = counts.iter().map(|counted| format!("{} {}", counted.date, counted.count));
            dated.collect::<Vec<_>>().join(",")
        }
        Answer::Bounds(bounds) => format!("{}..{}", bounds.lower, bounds.upper),
    }
}

#[test]
fn every_step_gives_the_answer_of_the_file() {
    let file = std::fs::read_to_string(FILE).unwrap();
    let is_written = std::env::var_os("TINY_COUNTER_WRITE_FIXTURES").is_some();
    let (mut steps, mut written, mut taken) = (Steps::new(), String::new(), 0);
    for line in file.lines() {
        if line.starts_with('#') {
            written += &format!("{line}\n");
            continue;
        }
        let (step, wanted) = line.split_once(" = ").unwrap_or((line, ""));
        let answer = steps.take(step);
        match answer.is_empty() {
            true => written += &format!("{step}\n"),
            false => written += &format!("{step} = {answer}\n"),
        }
        assert!(is_written || answer == wanted, "{step}: {answer:?}, not {wanted:?}");
        taken += 1;
    }
    assert!(taken >= 200, "{taken} steps");
    if is_written {
        std::fs::write(FILE, written).unwrap();
    }
}
