//! What the log promises, tried on a disk that can fail, lose power and lie.

mod bytes;
mod crashes;
mod model;
mod sim;
