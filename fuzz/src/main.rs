//! One binary for all targets: `TINY_COUNTER_FUZZ` names the one to run, all arguments are libFuzzer's.

#![no_main]
#![allow(clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tiny_counter_fuzz::{TARGETS, Target};

static CHOSEN: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("TINY_COUNTER_FUZZ").expect("TINY_COUNTER_FUZZ names no target");
    let known = TARGETS.into_iter().find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("TINY_COUNTER_FUZZ: no target `{name}`"))
});

fuzz_target!(|data: &[u8]| (CHOSEN.1)(data));
