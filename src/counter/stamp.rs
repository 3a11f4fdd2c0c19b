//! The stamps of a lane.

use std::fmt;

/// A stamp orders the states of the cells of one lane. The lane's writer issues it once.
///
/// The number is the time in milliseconds since the Unix epoch, or one more than the number before
/// if that is higher. The opening is the random number of the opening of the store that issued it.
/// So two stores that continue copies of one store issue different stamps.
// Packed, because each event in memory has two.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(4))]
pub(crate) struct Stamp {
    pub(crate) number: u64,
    pub(crate) opening: u32,
}

impl Stamp {
    pub(crate) fn new(number: u64, opening: u32) -> Stamp {
        Stamp { number, opening }
    }

    /// Whether it is the stamp of something that was never stamped.
    pub(crate) fn is_none(self) -> bool {
        self.number == 0
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp { number, opening } = *self;
        write!(f, "{number}@{opening:08x}")
    }
}
