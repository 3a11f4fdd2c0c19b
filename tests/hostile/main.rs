//! Messages that no store makes, with valid checksums. Whatever they say, they cost a small multiple
//! of their size in memory, and honest stores that merge them still count, sync, erase and agree.

#![cfg(any(feature = "serde-bincode", feature = "serde-json"))]
#![allow(clippy::restriction, clippy::pedantic)]

#[path = "../memory_bounds/allocator.rs"]
mod allocator;
mod cells;
#[path = "../common/mod.rs"]
mod common;
mod erasures;
mod lanes;
mod large;
mod message;
mod own_lane;
mod packed;
mod peers;
mod states;
mod stored;
mod whole;

use message::{Cell, Lane, Message, Stamp, varint};
use peers::Peers;

/// The highest stamp that is accepted.
const HIGHEST: u64 = 1 << 62;

/// The shortest cell with a count: seen once, at the epoch, in no unit.
const ONCE: &[u8] = &[1, 0, 0, 1];

/// A lane id that ascends with the number.
fn lane(n: usize) -> Lane {
    (n as u128 + 1).to_be_bytes()
}

fn cell(lane: Lane, birth: Stamp) -> Cell {
    Cell { lane, birth, stamp: birth, replaced: Vec::new(), body: ONCE.to_vec() }
}

fn event(name: &str, cells: Vec<Cell>) -> Message {
    Message { events: vec![(name.to_owned(), cells)], ..Message::default() }
}

/// The message reaches the victim, its friend, or several stores. Then everything works.
fn survives(message: impl Fn(&Peers) -> Message) {
    survives_then(message, |_| ());
}

/// As `survives`, with something that happens after the message.
fn survives_then(message: impl Fn(&Peers) -> Message, then: impl Fn(&Peers)) {
    for reached in [&[0][..], &[1], &[0, 1], &[2, 1, 0]] {
        let peers = Peers::new();
        let message = message(&peers);
        for at in reached {
            for _ in 0..2 {
                let _ = peers.merge(*at, &message);
            }
        }
        then(&peers);
        peers.live();
    }
}

/// A cell with the greatest numbers that its form can hold.
fn greatest() -> Vec<u8> {
    let mut body = vec![1, 0, 0];
    varint(u64::MAX, &mut body);
    // Days, of which 56 are tracked, and the newest is day 20,000.
    body.extend([3, 56]);
    varint(40_000, &mut body);
    varint(u64::MAX, &mut body);
    body.push(0);
    body
}
