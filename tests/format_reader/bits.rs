//! The counts of a cell in an export.

use super::bytes::signed;
use super::cell::{Counts, Seen, Series, bucket};

/// Bits, from the lowest one of each byte on.
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, at: 0 }
    }

    /// How many bytes were read, the last one to its end, which has zeros.
    pub fn bytes_read(&mut self) -> usize {
        while !self.at.is_multiple_of(8) {
            assert!(!self.flag());
        }
        self.at / 8
    }

    fn flag(&mut self) -> bool {
        let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
        self.at += 1;
        bit == 1
    }

    /// So many bits, lowest first.
    fn bits(&mut self, count: u32) -> u64 {
        (0..count).fold(0, |all, bit| all | u64::from(self.flag()) << bit)
    }

    /// How many zeros come before a one.
    fn zeros(&mut self, most: u32) -> u32 {
        (0..most).find(|_| self.flag()).unwrap_or(most)
    }

    fn number(&mut self) -> u64 {
        let zeros = self.zeros(7);
        let len = (1 << zeros | self.bits(zeros)) - 1;
        match u32::try_from(len).unwrap() {
            0 => 0,
            len => 1 << (len - 1) | self.bits(len - 1),
        }
    }

    fn signed(&mut self) -> i64 {
        signed(self.number())
    }

    fn small(&mut self) -> u64 {
        match self.zeros(28) {
            28 => self.number() + (1 << 28) - 1,
            zeros => (1 << zeros | self.bits(zeros)) - 1,
        }
    }

    /// `like` has the units of the cell before and their numbers of buckets.
    pub fn counts(&mut self, birth: u64, stamp: u64, like: &mut Vec<(u64, u64)>) -> Counts {
        let mut counts = Counts::default();
        if self.flag() {
            let last = stamp as i64 + self.signed();
            let first = birth as i64 + self.signed();
            let mut ahead = None;
            if self.flag() {
                counts.is_forked = self.flag();
                ahead = Some(self.number()).filter(|by| *by > 0).map(|by| last + by as i64);
            }
            counts.seen = Some(Seen { first, last, ahead });
            let lowest = self.signed();
            counts.offsets = (lowest, lowest + self.number() as i64);
            counts.shift = self.signed();
        }
        counts.lifetime = self.number();
        if !self.flag() {
            like.clear();
            for _ in 0..self.number() {
                let before = like.last().map_or(0, |(unit, _)| unit + 1);
                like.push((before + self.number(), self.number()));
            }
        }
        let newest = counts.seen.map_or(0, |seen| seen.ahead.unwrap_or(seen.last));
        counts.series = like
            .iter()
            .map(|(unit, tracked)| self.series(*unit, *tracked, bucket(*unit, newest, counts.offsets.1)))
            .collect();
        counts
    }

    fn series(&mut self, unit: u64, tracked: u64, expected: i64) -> Series {
        let newest = expected - self.signed();
        let beginning = self.flag().then(|| newest - self.signed());
        let pairs = self.number();
        let mut buckets = vec![(newest, self.number() + 1)];
        for _ in 0..pairs {
            let (before, count) = *buckets.last().unwrap();
            let head = self.small();
            let e = count.min(127) - 1;
            let d = if head & 1 == 1 { self.small() + 1 } else { 0 };
            let c = if d > 2 * e { d } else { e.checked_add_signed(signed(d)).unwrap() };
            buckets.push((before - (head >> 1) as i64 - 1, c + 1));
        }
        Series { unit, tracked, beginning, buckets }
    }
}
