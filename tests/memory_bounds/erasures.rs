//! Erased cells of very many lanes.

use super::allocator::most;
use super::common::stores::{clock, in_memory};
use super::message::{Cell, Message, Part};
use super::wire;
use super::{OF_A_MESSAGE, OF_AN_ERASED_CELL, ONCE, SMALL};

#[test]
fn erased_cells_of_many_lanes_take_bounded_memory_and_erase_the_largest_lanes_as_a_whole() {
    let store = in_memory(&clock());
    let most = |lanes: std::ops::Range<usize>, each: u64| {
        let births: Vec<_> = (1..=each).map(|number| (number, 1)).collect();
        let part = |at| Part { lane: wire::lane(at), births: births.clone(), ..Part::default() };
        let bytes = Message { parts: lanes.map(part).collect(), ..Message::default() }.bytes();
        let (report, allocated) = most(|| store.merge_bytes(&bytes));
        report.unwrap();
        assert!(
            allocated <= OF_A_MESSAGE * bytes.len() + OF_AN_ERASED_CELL * (524_288 + 65_536) + SMALL,
            "{} bytes allocated {allocated}",
            bytes.len()
        );
    };
    most(1_000..1_010, 500);
    most(0..25, 60_000);
    let cell = |at| Cell { lane: wire::lane(at), body: ONCE.to_vec(), ..Cell::default() };
    let cell = |(at, number)| Cell { birth: (number, 1), stamp: (number, 1), ..cell(at) };
    // Those with few are not closed, and what they erased stays erased. Of the others eight fit.
    let of_each: Vec<Cell> = (1_000..1_010).flat_map(|at| [(at, 500), (at, 501)]).map(cell).collect();
    let of_large: Vec<Cell> = (0..25).map(|at| cell((at, 70_000))).collect();
    let events = vec![("few".to_owned(), of_each), ("many".to_owned(), of_large)];
    store.merge_bytes(&Message { events, ..Message::default() }.bytes()).unwrap();
    assert_eq!((store.query("few").lifetime(), store.query("many").lifetime()), (Some(10), Some(8)));
}
