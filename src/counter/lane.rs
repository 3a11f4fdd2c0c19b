//! Who counted, and which version of it this is.

use std::fmt;

use super::body::Body;

/// The random name of a lane: of what one store counts and nobody else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LaneId(pub(crate) [u8; 16]);

impl fmt::Debug for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// How often everything, and since then this event, was erased. What was counted under a lower one is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Generation {
    pub(crate) store: u32,
    pub(crate) event: u32,
}

impl Generation {
    /// The generation after an erase of this event.
    pub(crate) fn next(self) -> Generation {
        Generation { event: self.event.saturating_add(1).min(HIGHEST_GENERATION), ..self }
    }

    /// The first generation of every event under the store's generation.
    pub(crate) fn of_store(store: u32) -> Generation {
        Generation { store, event: 0 }
    }
}

/// One lane's counts of one event, in bytes, as they are stored and exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LaneCell {
    pub(crate) lane: LaneId,
    /// The lane's counter of changes when this was last changed.
    pub(crate) stamp: u64,
    pub(crate) body: Body,
}

/// A larger stamp than any store can reach by counting changes one by one is no stamp.
pub(crate) const HIGHEST_STAMP: u64 = 1 << 62;
/// As far as generations may go, likewise.
pub(crate) const HIGHEST_GENERATION: u32 = 1 << 30;
