//! One binary for all targets. The variable `TINY_COUNTER_FUZZ` names the target; the arguments are
//! those of libFuzzer.

#![no_main]
#![allow(clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tiny_counter_fuzz::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("TINY_COUNTER_FUZZ").expect("the variable TINY_COUNTER_FUZZ must name a target");
    let known = TARGETS.into_iter().find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("TINY_COUNTER_FUZZ names an unknown target: `{name}`"))
});

fuzz_target!(|data: &[u8]| (TARGET.1)(data));
