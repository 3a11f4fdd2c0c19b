//! What is damaged in a file, as far as it can be told.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::frame::{Head, Kind};
use super::index::Change;

/// What opening found beside the store. The file is left as it is until the first write, so the same losses are
/// reported again until then; that write takes the damaged file's place in one step, together with what it writes. So
/// whoever is to remember a loss writes it down with the first batch.
#[derive(Debug, Default)]
pub(crate) struct OpenReport {
    /// The keys whose last record is damaged. An older record may have taken its place.
    pub(crate) lost: Vec<String>,
    /// Whether there is damage of which not even the key is known, or to the metadata. Any key may be concerned, also
    /// one that is not in the index.
    pub(crate) lost_unknown: bool,
    /// Copies of what was found damaged or foreign.
    pub(crate) kept_aside: Vec<PathBuf>,
}

/// The losses found so far while reading a file from its beginning.
#[derive(Debug, Default)]
pub(super) struct Losses {
    keys: BTreeSet<Box<str>>,
    meta: bool,
    /// Whether something is lost of which nothing is known.
    pub(super) unknown: bool,
}

impl Losses {
    /// Notes a frame whose value is damaged.
    pub(super) fn hurt(&mut self, head: &Head, key: Box<str>) {
        match head.kind {
            Kind::Put => _ = self.keys.insert(key),
            Kind::Meta => self.meta = true,
            // Neither has a value that anybody could miss.
            Kind::Delete | Kind::Mark => {}
        }
    }

    /// Notes a good record: a record is a whole state, so what was damaged before it is no loss any more.
    pub(super) fn replaced(&mut self, change: &Change) {
        match change {
            Change::Put(key, _) | Change::Delete(key) if !self.keys.is_empty() => _ = self.keys.remove(key),
            Change::Put(..) | Change::Delete(_) => {}
            Change::Meta(_) => self.meta = false,
        }
    }

    /// The losses as the caller sees them.
    pub(super) fn report(self) -> OpenReport {
        OpenReport {
            lost: self.keys.into_iter().map(String::from).collect(),
            lost_unknown: self.unknown || self.meta,
            kept_aside: Vec::new(),
        }
    }
}
