//! The interface for Kotlin and Swift. It only translates; the core checks and decides.
//!
//! One call passes a whole question and returns a whole answer. Counts and times are passed as
//! signed 64-bit numbers and are checked in `checked`. The documentation of exported items is
//! copied into the Kotlin and Swift bindings. What is called often has a second form in `direct`,
//! which is not part of the bindings.

mod changes;
mod checked;
mod clock;
mod direct;
mod error;
mod event;
mod explanation;
mod health;
mod import_once;
mod limit;
mod limit_document;
mod logging;
mod markers;
mod prepared_limit;
mod prepared_question;
mod query;
mod question;
mod rehearsal;
mod replicas;
mod reservation;
mod rule;
mod rule_list;
mod schedule;
mod store;
mod stored_reservations;
mod sync;
mod types;
mod warnings;
mod zone;
