//! What the behaviour tests share: the recorded trace, a naive model that keeps every instant, and comparisons
//! of the library with it. The model shares no code with the library and takes no shortcut.

#![allow(dead_code)]

pub mod ask;
pub mod ask_limits;
pub mod calendar;
pub mod model;
pub mod phone;
pub mod rules;
pub mod shared;
pub mod trace;
pub mod unit;
pub mod watch;
pub mod zone;
