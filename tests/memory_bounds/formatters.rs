//! What formatters allocate.

use tiny_counter::Formatter;
use tiny_counter::formatter::{BincodeFormat, JsonFormat};

use super::allocator::most;
use super::message::envelope;
use super::wire::{self, number};
use super::{OF_A_MESSAGE, ONCE, SMALL};

#[test]
fn formatters_allocate_a_small_multiple_of_what_they_read() {
    fn reads(format: &dyn Formatter, bytes: &[u8], taken: bool, what: &str) {
        let (read, allocated) = most(|| format.deserialize(bytes));
        assert_eq!(read.is_ok(), taken, "{what}: {:?}", read.err());
        assert!(
            allocated <= OF_A_MESSAGE * bytes.len() + SMALL,
            "{what}: {} bytes allocated {allocated}",
            bytes.len()
        );
    }
    let binary = |cells, body: &[u8]| {
        let mut payload = Vec::new();
        wire::counter(cells, body, &mut payload);
        envelope(b"TCc\n", &payload)
    };
    reads(&BincodeFormat, &binary(100_000, &[0, 0]), true, "many empty cells");
    reads(&BincodeFormat, &binary(1, &[]), false, "a cell without bytes");
    reads(&BincodeFormat, &binary(100_000, ONCE), true, "many cells");
    let mut false_number = vec![0];
    number(u64::MAX, &mut false_number);
    reads(&BincodeFormat, &envelope(b"TCc\n", &false_number), false, "a false number of cells");

    let json = |text: &str| {
        format!(r#"{{"format":1,"checksum":{},"counter":{text}}}"#, crc32c::crc32c(text.as_bytes()))
            .into_bytes()
    };
    let lanes = |lane: &dyn Fn(usize) -> String, n: usize| {
        let lanes: Vec<String> = (0..n).map(lane).collect();
        json(&format!(r#"{{"lanes":[{}]}}"#, lanes.join(",")))
    };
    let lane = |at: usize, units: &str| {
        let seen = r#""seen":{"first":0,"last":0}"#;
        format!(r#"{{"lane":"{at:032x}","birth":[1,0],"stamp":[1,0],{seen},"lifetime":1,"units":[{units}]}}"#)
    };
    reads(&JsonFormat, &lanes(&|at| lane(at, ""), 20_000), true, "many lanes");
    let unit = r#"{"unit":"Days","buckets":1,"counts":[]},"#;
    let units = unit.repeat(50_000);
    reads(&JsonFormat, &lanes(&|at| lane(at, &units[..units.len() - 1]), 1), false, "one unit very often");
    let counts: Vec<String> = (0..200_000).map(|at| format!("[{},1]", 200_000 - at)).collect();
    let days = format!(r#"{{"unit":"Days","buckets":1,"counts":[{}]}}"#, counts.join(","));
    reads(&JsonFormat, &lanes(&|at| lane(at, &days), 1), true, "many buckets");
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        reads(&JsonFormat, &json(&deep), false, "deeply nested instead of a counter");
        reads(&JsonFormat, deep.as_bytes(), false, "deeply nested instead of a document");
        let inside = format!(r#"{{"more":{deep},"lanes":[]}}"#);
        reads(&JsonFormat, &json(&inside), true, "deeply nested in an unknown field");
    }
}
