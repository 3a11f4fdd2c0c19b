//! The interface to Kotlin and Swift. It only translates: every check and every decision is the core's.
//!
//! One call carries a whole question and a whole answer. Counts and times cross as signed 64-bit numbers and are checked once, in
//! `checked`. The documentation of what is exported becomes that of the Kotlin and Swift bindings.

mod clock;
mod direct;
mod error;
mod event;
mod health;
mod limit;
mod logging;
mod query;
mod question;
mod reservation;
mod rule;
mod store;
mod stored_reservations;
mod sync;
mod types;
mod zone;
