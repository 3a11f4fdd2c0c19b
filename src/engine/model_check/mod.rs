//! A model checker of the engine: all schedules of three devices and two events up to a length,
//! against a naive truth. Each state is checked as if the schedule ended there.
//!
//! Of each kind a thousand states are explored, `TINY_COUNTER_STATES`, or with `TINY_COUNTER_LONG`
//! 1.2 million: all schedules of four to eight steps out of a few, and with what is left all short
//! ones of all its steps. A build with optimisation is ten times as fast: `cargo xtask test rust`
//! explores a million.

mod alphabet;
mod device;
mod explore;
mod fingerprint;
mod finish;
mod hearing;
mod recording;
mod replacing;
mod step;
mod truth;
mod world;

use explore::{Explored, MAX_STEPS, explore};
use step::{Kind, Named, Step};
use world::World;

fn all(kind: Kind) {
    let number = std::env::var("TINY_COUNTER_STATES").ok().and_then(|number| number.parse().ok());
    let is_long = std::env::var_os("TINY_COUNTER_LONG").is_some();
    let wanted: usize = number.unwrap_or(if is_long { 1_200_000 } else { 1_000 });
    let depth = match wanted {
        0..100_000 => 4,
        100_000..1_000_000 => 7,
        _ => 8,
    };
    let explored = |what: &str, steps: &[Step], named, depth, limit| {
        let explored =
            explore(steps, named, depth, limit).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        let Explored { states, depth } = explored;
        println!("{kind:?}, {what}: {states} states, all schedules of {depth} steps");
        states
    };
    let [two, three] = kind.few_steps();
    let few = explored("two devices", &two, Named::ALL, depth, usize::MAX)
        + explored("three devices", &three, Named::ALL, depth, usize::MAX);
    let rest = wanted.saturating_sub(few);
    let states = explored("all steps", &kind.steps(), Named::default(), MAX_STEPS, rest);
    assert!(states >= rest, "the steps of a kind have so many states");
}

#[test]
fn late_messages_and_crashes_lose_and_double_nothing() {
    all(Kind::Base);
}

#[test]
fn what_an_eraser_had_heard_of_never_returns() {
    all(Kind::Erase);
}

#[test]
fn parts_in_any_order_are_one_message() {
    all(Kind::Parts);
}

#[test]
fn copies_with_another_identity_count_beside_the_original() {
    all(Kind::Identity);
}

#[test]
fn copies_with_the_same_identity_lose_nothing_that_is_held_and_agree() {
    all(Kind::Fork);
}

#[test]
fn an_import_replaces_what_this_device_counted() {
    all(Kind::Import);
}

#[test]
fn counts_of_another_library_count_once_on_all_devices() {
    all(Kind::TakeOver);
}

#[test]
fn ageing_changes_no_answer() {
    all(Kind::Age);
}

#[test]
fn large_steps_of_the_clocks_lose_and_double_nothing() {
    all(Kind::Clock);
}

#[test]
fn all_steps_together_end_with_the_true_counts() {
    all(Kind::Everything);
}

/// Runs one schedule, as a failure prints it, and checks its end.
fn schedule(steps: &[Step]) {
    let mut world = World::new();
    let done = steps.iter().try_for_each(|step| world.step(*step)).and_then(|()| world.check());
    done.unwrap_or_else(|error| panic!("{steps:?}: {error}"));
}

#[test]
fn an_import_into_a_copy_that_has_no_lane_yet_is_counted_once() {
    use Step::{Import, Record, SendSingle, TwinWithIdentity};
    schedule(&[Record(0, 0), SendSingle(0, 0), TwinWithIdentity(0, 1), Import(1)]);
}

#[test]
fn of_two_imports_that_replace_the_same_cell_one_counts() {
    use Step::{Import, Record, SendSingle, TwinWithIdentity};
    schedule(&[Record(0, 0), SendSingle(0, 0), Import(0), TwinWithIdentity(0, 1), Import(1)]);
}

#[test]
fn a_delta_from_before_a_crash_claims_nothing_that_was_imported() {
    use Step::{Crash, Import, Merge, Record, SendDelta, SendSingle};
    schedule(&[Record(0, 0), SendSingle(0, 0), Import(1), SendDelta(0, 1), Crash(1), Merge(1, 0)]);
}
