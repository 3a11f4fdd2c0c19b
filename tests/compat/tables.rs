//! Questions and limits behind traits, function pointers and boxed closures.

use std::collections::HashMap;

use crate::counter::{EventStore, Limiter, Query, RangeQuery, TimeUnit};

/// What the screens of an app want to know.
trait Metrics {
    fn launches(&self) -> RangeQuery;
    fn screen(&self, name: &str) -> Query;

    fn is_regular(&self) -> bool {
        self.launches().sum().is_some_and(|count| count >= 3)
    }
}

impl Metrics for EventStore {
    fn launches(&self) -> RangeQuery {
        self.query("launch").last_days(28)
    }

    fn screen(&self, name: &str) -> Query {
        self.query(format!("screen:{name}"))
    }
}

fn greeting(metrics: &dyn Metrics) -> &'static str {
    match metrics.screen("help").last_seen() {
        Some(_) => "Welcome back",
        None if metrics.is_regular() => "Have you seen the help?",
        None => "Welcome",
    }
}

#[test]
fn a_trait_of_the_app_adds_questions_to_the_store() {
    let store = EventStore::new();
    assert_eq!(greeting(&store), "Welcome");
    store.record_count("launch", 3);
    assert_eq!(greeting(&store), "Have you seen the help?");
    store.record("screen:help");
    assert_eq!(greeting(&store), "Welcome back");
    let boxed: Box<dyn Metrics> = Box::new(store);
    assert_eq!(boxed.launches().sum(), Some(3));
}

type Ask = fn(&EventStore) -> RangeQuery;

const CARDS: [(&str, Ask); 2] = [("Launches", launches), ("Crashes", crashes)];

fn launches(store: &EventStore) -> RangeQuery {
    store.query("launch").last_days(7)
}

fn crashes(store: &EventStore) -> RangeQuery {
    store.query("crash").last_days(7)
}

type Rule = Box<dyn Fn(&EventStore) -> Limiter + Send + Sync>;

#[test]
fn tables_hold_functions_that_make_queries_and_limits() {
    let store = EventStore::new();
    store.record_count("launch", 6);
    let shown = CARDS.map(|(title, ask)| format!("{title}: {}", ask(&store).sum().unwrap_or(0)));
    assert_eq!(shown, ["Launches: 6", "Crashes: 0"]);

    let mut rules: HashMap<&str, Rule> = HashMap::new();
    rules.insert("review", Box::new(|store| store.limit().at_least("launch", 5, TimeUnit::Years)));
    for (tier, most) in [("free", 1), ("paid", 2)] {
        rules.insert(tier, Box::new(move |store| store.limit().at_most("export", most, TimeUnit::Years)));
    }
    assert!(rules["review"](&store).allowed("review"));
    assert!(rules["free"](&store).check_and_record("export").is_ok());
    assert!(!rules["free"](&store).allowed("export"));
    assert!(rules["paid"](&store).allowed("export"));
    let refused: Vec<&str> =
        ["free", "paid"].into_iter().filter(|tier| !rules[tier](&store).allowed("export")).collect();
    assert_eq!(refused, ["free"]);
}
