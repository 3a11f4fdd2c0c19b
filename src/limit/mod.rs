//! Limits: constraints, what they say at one instant, and when they will say something else.

mod constraint;
mod demand;
mod evaluate;
mod limiter;
mod refusal;
mod reservation;
mod retry;
mod schedule;

pub use constraint::Constraint;
pub(crate) use demand::{Asked, Demand};
pub use limiter::{LimitUsage, Limiter};
pub use refusal::{LimitExceeded, Refusal};
pub use reservation::{Reservation, ReservationKey};
pub use schedule::Schedule;
