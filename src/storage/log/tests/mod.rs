//! Tests of the log on a simulated disk that can fail and lose power, and on the real one.

mod bytes;
mod crafted;
mod crashes;
mod creation;
mod damage;
mod fault;
mod faults;
mod golden;
mod hostile;
mod mangled;
mod model;
mod os;
mod processes;
mod removal;
mod sim;
mod sim_calls;
mod torn;
