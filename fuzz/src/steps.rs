//! Decodes bytes as operations on two phones. Every byte string is valid, so that every change by
//! the fuzzer is too.

use crate::common::unit::{DAY, HOUR, MINUTE, SECOND};

/// One operation.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    Record { phone: usize, event: usize, count: u32 },
    Fly { phone: usize, zone: usize },
    Wait(i64),
    Send { from: usize, bytes: bool },
    Restart { phone: usize },
    Compact { phone: usize },
    Ask { phone: usize, salt: usize },
}

/// The time zones of the phones, and whether they have a log.
pub struct Setup {
    pub zones: [usize; 2],
    pub logs: bool,
}

/// Reads bytes, and zeros after the end.
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub fn new(data: &'a [u8]) -> Bytes<'a> {
        Bytes(data)
    }

    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    pub fn setup(&mut self) -> Setup {
        let [how, zones] = [self.byte(), self.byte()];
        Setup { zones: [zones % 9, zones / 9 % 9], logs: how & 1 == 1 }
    }

    /// A duration in milliseconds, from a byte for the unit and two for the length.
    fn duration(&mut self) -> i64 {
        let unit = [1, SECOND, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, DAY, 11 * DAY][self.byte() % 8];
        // The last byte adds a few milliseconds, so that durations are not whole buckets.
        (self.byte() as i64 * unit / 8 + self.byte() as i64).min(300 * DAY)
    }
}

impl Iterator for Bytes<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.0.is_empty() {
            return None;
        }
        let kind = self.byte();
        let phone = kind / 16 % 2;
        Some(match kind % 16 {
            0..=4 => {
                let what = self.byte();
                let count = [1, 1, 2, 0, 1_000, u32::MAX][what / 8 % 6];
                Step::Record { phone, event: what % 3, count }
            }
            5 => Step::Fly { phone, zone: self.byte() % 9 },
            6..=9 => Step::Wait(self.duration()),
            10..=11 => Step::Send { from: phone, bytes: self.byte().is_multiple_of(2) },
            12 => Step::Restart { phone },
            13 => Step::Compact { phone },
            _ => Step::Ask { phone, salt: self.byte() * 256 + self.byte() },
        })
    }
}
