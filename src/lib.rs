//! Counts events on the device and answers questions about them, for Android, iOS and Rust.
//!
//! ```
//! use chrono::Duration;
//! use tiny_counter::EventStore;
//!
//! let store = EventStore::new();
//! store.record("app_launch");
//!
//! // "used on how many of the last 28 days?"
//! assert_eq!(store.query("app_launch").last_days(28).count_nonzero(), Some(1));
//!
//! // "show the prompt at most once a week, only after 3 launches, not within 2 days of a crash"
//! let prompt = store
//!     .limit()
//!     .at_most("review_prompt", 1, Duration::days(7))
//!     .at_least("app_launch", 3, Duration::days(28))
//!     .cooldown("crash", Duration::days(2));
//! let refusal = prompt.check_and_record("review_prompt").unwrap_err();
//! assert_eq!(refusal.as_limit_exceeded().unwrap().all().len(), 1);
//! ```
//!
//! Only counts per time bucket are kept. They leave the device only if the app exports them, and
//! old buckets are dropped.

mod bounds;
mod clock;
mod codec;
mod counter;
mod engine;
mod error;
mod event_id;
#[cfg(feature = "ffi")]
mod ffi;
pub mod formatter;
mod limit;
mod occurrence;
mod query;
mod random;
mod report;
pub mod storage;
mod store;
mod time;

pub use clock::{Clock, SystemClock, TestClock};
pub use counter::event_counter::SingleEventCounter;
pub use counter::window::CountBounds;
pub use engine::{Changed, MergeReport};
pub use error::{Error, Result};
pub use event_id::{APP_VERSION, EventId, SESSION};
pub use formatter::Formatter;
pub use limit::{
    Constraint, ExplainedRule, Explanation, Limit, LimitExceeded, LimitSet, LimitUsage, Refusal, Schedule,
};
pub use occurrence::Occurrence;
pub use query::{Answer, DatedCount, Measure, QueryRange, Question};
pub use report::on_warning;
pub use storage::Storage;
pub use store::{
    Changes, DeltaQuery, DeltaRangeQuery, EventStore, EventStoreBuilder, Health, Limiter, Loss, MultiQuery,
    MultiRangeQuery, PreparedLimit, PreparedQuestion, Query, RangeQuery, RatioQuery, Replica, Reservation,
    ReservationKey, SinceQuery, StoredReservation,
};
pub use time::unit::TimeUnit;
pub use time::window::{TimeWindow, Window, since, since_app_version, since_session};
pub use time::zone::Zone;

#[cfg(feature = "ffi")]
uniffi::setup_scaffolding!();

/// The README's example is compiled and run with the others.
#[cfg(all(doctest, feature = "storage-fs"))]
#[doc = include_str!("../README.md")]
struct Readme;
