//! Hostile data: valid in form and checksum, and as expensive to read as possible.

use super::message::{Cell, Message, Part, upto};

/// A b-number, see docs/format.md.
pub fn number(n: u64, out: &mut Vec<u8>) {
    match n {
        0..=250 => out.push(n as u8),
        251..=0xFFFF => {
            out.push(251);
            out.extend((n as u16).to_le_bytes());
        }
        0x1_0000..=0xFFFF_FFFF => {
            out.push(252);
            out.extend((n as u32).to_le_bytes());
        }
        _ => {
            out.push(253);
            out.extend(n.to_le_bytes());
        }
    }
}

/// Short names, ascending.
pub fn names(n: usize) -> impl Iterator<Item = String> {
    (0..n).map(|at| {
        [90 * 90 * 90, 90 * 90, 90, 1].map(|place| (33 + at / place % 90) as u8 as char).iter().collect()
    })
}

/// A lane id that ascends with the number.
pub fn lane(n: usize) -> [u8; 16] {
    (n as u128 + 1).to_be_bytes()
}

/// A counter: `cells` cells, each with the content `body`.
#[cfg(all(feature = "serde-bincode", feature = "serde-json"))]
pub fn counter(cells: usize, body: &[u8], out: &mut Vec<u8>) {
    out.push(0);
    number(cells as u64, out);
    for at in 0..cells {
        out.extend(lane(at));
        // The birth and the stamp, each with its opening, and no cell that it replaces.
        out.extend([1, 0, 1, 0, 0]);
        number(body.len() as u64, out);
        out.extend(body);
    }
}

/// An export with `erased` erased cells of one lane, `lanes` lanes with a claim, and `events` events
/// of `cells` cells each, of as many lanes or of one.
pub fn export(erased: usize, lanes: usize, events: usize, cells: usize, body: &[u8]) -> Vec<u8> {
    let births = (1..=erased as u64).map(|number| (number, 1)).collect();
    let mut parts = vec![Part { lane: [0; 16], births, ..Part::default() }];
    parts.extend((0..lanes).map(|at| Part { lane: lane(at), claim: upto(1), ..Part::default() }));
    let cell = |at: usize| {
        // Only as many lanes as are admitted.
        let (lane, birth) = (lane(at % 1_000), (1 + at as u64 / 1_000, 0));
        Cell { lane, birth, stamp: birth, replaced: Vec::new(), body: body.to_vec() }
    };
    let mut all: Vec<Cell> = (0..cells).map(cell).collect();
    all.sort_by_key(|cell| (cell.lane, cell.birth));
    let events = names(events).map(|name| (name, all.clone())).collect();
    Message { parts, events, ..Message::default() }.bytes()
}

/// Frames of a log.
pub struct Log {
    pub bytes: Vec<u8>,
    seed: u32,
    sequence: u32,
}

impl Log {
    pub fn new() -> Log {
        let mut bytes = b"\x89TCLOG\r\n\x01\0\0\0somethng".to_vec();
        let seed = crc32c::crc32c(&bytes);
        bytes.extend(seed.to_le_bytes());
        Log { bytes, seed, sequence: 0 }
    }

    /// A frame of a kind: 1 puts, 2 deletes, 3 is metadata, 4 is a mark.
    pub fn frame(&mut self, kind: u8, more: bool, key: &[u8], value: &[u8]) {
        self.claim(kind, more, key, value.len() as u32);
        if !value.is_empty() {
            let head = u32::from_le_bytes(*self.bytes.last_chunk().unwrap());
            self.bytes.extend(value);
            self.bytes.extend(crc32c::crc32c_append(head, value).to_le_bytes());
        }
    }

    /// The head of a frame without its value.
    pub fn claim(&mut self, kind: u8, more: bool, key: &[u8], value: u32) {
        let start = self.bytes.len();
        self.bytes.extend([0xF9, 0x7C, 0x63, 0xFE, kind, u8::from(more)]);
        self.bytes.extend((key.len() as u16).to_le_bytes());
        self.bytes.extend(value.to_le_bytes());
        self.bytes.extend(self.sequence.to_le_bytes());
        self.bytes.extend(key);
        let head = crc32c::crc32c_append(self.seed, &self.bytes[start..]);
        self.bytes.extend(head.to_le_bytes());
        self.sequence += 1;
    }

    /// A mark of everything before it.
    pub fn mark(&mut self) {
        let mut value = (self.bytes.len() as u64).to_le_bytes().to_vec();
        value.extend(&self.bytes[12..20]);
        self.frame(4, false, b"", &value);
    }
}
