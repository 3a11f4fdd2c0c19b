//! Hostile data: valid in form and checksum, and as expensive to read as possible.

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

pub fn envelope(magic: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut out = magic.to_vec();
    out.push(1);
    out.extend((payload.len() as u32).to_le_bytes());
    let sum = crc32c::crc32c_append(crc32c::crc32c(&out), payload);
    out.extend(sum.to_le_bytes());
    out.extend(payload);
    out
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

/// A number of a message, see docs/format.md.
pub fn varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A counter without its name: `cells` cells, each with the content `body`.
pub fn counter(cells: usize, body: &[u8], out: &mut Vec<u8>) {
    out.push(0);
    number(cells as u64, out);
    for at in 0..cells {
        out.extend(lane(at));
        // The birth and the stamp, each with an opening, and no replaced cell.
        out.extend([1, 0, 1, 0, 0]);
        number(body.len() as u64, out);
        out.extend(body);
    }
}

/// The beginning of an export or a sync state: lanes with one opening each.
pub fn table(lanes: std::ops::Range<usize>, out: &mut Vec<u8>) {
    varint(lanes.len() as u64, out);
    for at in lanes {
        out.extend(lane(at));
        out.extend([1, 0, 0, 0, 0]);
    }
}

/// A cell of the lane with this index in the table, with the content `body`.
pub fn cell(index: usize, is_first: bool, body: &[u8], out: &mut Vec<u8>) {
    varint(index as u64, out);
    // The birth has the number 1, like the one before. So has the stamp.
    out.extend([0, if is_first { 2 } else { 0 }, 0, 0, 0]);
    varint(body.len() as u64, out);
    out.extend(body);
}

/// An export with `erased` erased cells of one lane, `lanes` lanes and `events` events of `cells`
/// cells each.
pub fn export(erased: usize, lanes: usize, events: usize, cells: usize, body: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0];
    table(0..lanes.max(cells).max(erased.min(1)), &mut out);
    varint(lanes.max(erased.min(1)) as u64, &mut out);
    for at in 0..lanes.max(erased.min(1)) {
        varint(at as u64, &mut out);
        // Not forked, a claim of the stamps up to 1, and no range of erased ones.
        out.extend([0, 1, 0, 0, 0]);
        let births = if at == 0 { erased } else { 0 };
        varint(births as u64, &mut out);
        (0..births).for_each(|_| out.extend([0, 2]));
    }
    varint(events as u64, &mut out);
    let mut is_first = true;
    for name in names(events) {
        varint(name.len() as u64, &mut out);
        out.extend(name.as_bytes());
        varint(cells as u64, &mut out);
        for at in 0..cells {
            cell(at, std::mem::take(&mut is_first), body, &mut out);
        }
    }
    envelope(b"TCx\n", &out)
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
