//! What the log promises, tried on a disk that can fail, lose power and lie.

mod bytes;
mod crafted;
mod crashes;
mod damage;
mod faults;
mod golden;
mod hostile;
mod model;
mod os;
mod processes;
mod sim;
mod sim_calls;
mod torn;
