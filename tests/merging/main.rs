//! Random schedules of honest devices that merge, erase, import and restore, against a naive truth.

#![cfg(all(feature = "storage-fs", any(feature = "serde-bincode", feature = "serde-json")))]
#![allow(clippy::restriction, clippy::pedantic)]

mod answers;
#[path = "../common/mod.rs"]
mod common;
mod device;
mod finish;
mod hearing;
mod place;
#[allow(dead_code)]
#[path = "../common/property.rs"]
mod property;
mod schedule;
mod truth;
mod world;
mod zones;

use property::cases;
use schedule::{Kind, explore};

fn all(kind: Kind) {
    let count = std::env::var("TINY_COUNTER_SCHEDULES").ok().and_then(|n| n.parse().ok());
    explore(kind, count.unwrap_or_else(|| cases(50, 100_000).into()));
}

#[test]
fn counts_are_those_of_all_devices_after_any_messages() {
    all(Kind::Base);
}

#[test]
fn what_an_eraser_had_heard_of_never_returns_and_the_rest_stays() {
    all(Kind::Erase);
}

#[test]
fn backups_and_copies_with_another_identity_count_beside_the_original() {
    all(Kind::Restore);
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
fn ageing_changes_nothing_of_what_is_sent_and_erased() {
    all(Kind::Age);
}

#[test]
fn large_steps_of_the_clocks_lose_and_double_nothing() {
    all(Kind::Clock);
}
