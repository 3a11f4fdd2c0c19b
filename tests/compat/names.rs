//! What programs use as names of events.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::counter::{EventId, EventStore, TimeUnit};

#[test]
fn names_are_strings_of_any_kind_and_temporaries() {
    let store = EventStore::new();
    for user in 1..=3 {
        store.record(format!("user:{user}:login"));
        store.record_count(&format!("user:{user}:click"), user);
    }
    let logins: u32 =
        (1..=3).map(|user| store.query(format!("user:{user}:login")).ever().sum().unwrap_or(0)).sum();
    assert_eq!(logins, 3);

    let outlives_its_name = {
        let name = String::from("user:2:click");
        store.query(&name)
    };
    assert_eq!(outlives_its_name.last_days(7).sum(), Some(2));

    let moved = String::from("user:3:click");
    let query = store.query(moved).last_weeks(1);
    assert_eq!(query.sum(), Some(3));
    assert_eq!(store.query(&format!("user:{}:click", 9)).ever().sum(), None);

    let clicks: Vec<String> = (1..=3).map(|user| format!("user:{user}:click")).collect();
    assert_eq!(store.query_many(&clicks).ever().sum(), Some(6));
    let per_login = store.query_ratio(&clicks[2], ["user", "3", "login"].join(":")).last_days(7);
    assert_eq!(per_login, Some(3.0));
    let more = store.query_delta(String::from("user:2:click"), "user:1:click").ever();
    assert_eq!(more.sum(), 1);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shop {
    Visit,
    Basket,
    Purchase,
}

impl Shop {
    const ALL: [Shop; 3] = [Shop::Visit, Shop::Basket, Shop::Purchase];
}

impl AsRef<str> for Shop {
    fn as_ref(&self) -> &str {
        match self {
            Shop::Visit => "shop:visit",
            Shop::Basket => "shop:basket",
            Shop::Purchase => "shop:purchase",
        }
    }
}

impl EventId for Shop {}

#[test]
fn the_variants_of_an_enum_are_names() {
    let store = EventStore::new();
    store.record_count(Shop::Visit, 8);
    store.record_count(Shop::Basket, 4);
    store.record(Shop::Purchase);

    let counts: HashMap<Shop, u32> =
        Shop::ALL.iter().map(|&event| (event, store.query(event).last_days(7).sum().unwrap_or(0))).collect();
    assert_eq!(counts[&Shop::Visit], 8);
    assert_eq!(counts[&Shop::Basket], 4);
    assert_eq!(store.query_many(&Shop::ALL).last_days(7).sum(), Some(13));
    assert_eq!(store.query_ratio(Shop::Purchase, Shop::Basket).last_days(7), Some(0.25));
    let abandoned = store.query_delta(Shop::Basket, Shop::Purchase).last_days(7);
    assert_eq!(abandoned.sum(), 3);
    let limit =
        store.limit().at_least(Shop::Visit, 5, TimeUnit::Years).at_most(Shop::Purchase, 1, TimeUnit::Years);
    assert!(!limit.allowed(Shop::Purchase));
}

/// The name of a user's event, which is made when it is needed.
struct UserEvent(String);

impl UserEvent {
    fn of(user: u64, action: &str) -> UserEvent {
        UserEvent(format!("user:{user}:{action}"))
    }
}

impl AsRef<str> for UserEvent {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl EventId for UserEvent {}

/// A name that is borrowed or owned.
struct Tag<'a>(Cow<'a, str>);

impl AsRef<str> for Tag<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl EventId for Tag<'_> {}

#[test]
fn types_of_the_app_are_names() {
    let store = EventStore::new();
    store.record(UserEvent::of(7, "login"));
    let text = String::from("export;import");
    for tag in text.split(';') {
        store.record(Tag(Cow::Borrowed(tag)));
    }
    let logins = store.query(UserEvent::of(7, "login"));
    let tags = store.query_many(&[Tag(Cow::Borrowed(&text[..6])), Tag(Cow::Owned("import".to_owned()))]);
    drop(text);
    assert_eq!(logins.ever().sum(), Some(1));
    assert_eq!(tags.ever().sum(), Some(2));
    let limit = store.limit().at_most(UserEvent::of(7, "login"), 1, TimeUnit::Years);
    assert!(limit.check_and_record(UserEvent::of(7, "login")).is_err());
}
