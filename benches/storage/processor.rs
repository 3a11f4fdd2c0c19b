//! The processor time of a thread. Unlike the elapsed time it does not depend on other load on the
//! disk.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Adds the processor time of `work` on this thread to `times`.
pub fn processor_time<R>(times: &mut Vec<Duration>, work: impl FnOnce() -> R) -> R {
    let started = now();
    let result = work();
    times.push(now() - started);
    result
}

fn now() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}
