//! Collects which data of a file is damaged.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::frame::{FrameKind, Head};
use super::index::Change;

/// The damage that opening found.
///
/// Opening leaves a damaged file as it is, so the same losses are reported at each opening until
/// the first write. That write replaces the file atomically. To remember a loss, include it in the
/// first batch.
#[derive(Debug, Default)]
pub(crate) struct OpenReport {
    /// The keys whose last record is damaged. An earlier record may now be their value.
    pub(crate) lost: Vec<String>,
    /// Whether there is damage whose key is unknown, or damage to the metadata. It can concern any
    /// key, including keys that are not in the index.
    pub(crate) lost_unknown: bool,
    /// The copies that were made of a damaged or foreign file.
    pub(crate) kept_aside: Vec<PathBuf>,
}

/// The losses found so far during a replay.
#[derive(Debug, Default)]
pub(super) struct Losses {
    keys: BTreeSet<Box<str>>,
    meta: bool,
    /// Whether there is damage whose key is unknown.
    pub(super) unknown: bool,
}

impl Losses {
    /// Adds a frame whose value is damaged.
    pub(super) fn add_damaged(&mut self, head: &Head, key: Box<str>) {
        match head.kind {
            FrameKind::Put => _ = self.keys.insert(key),
            FrameKind::Meta => self.meta = true,
            // Neither holds data of the store.
            FrameKind::Delete | FrameKind::Mark => {}
        }
    }

    /// Removes the loss of a key that has a good record again. A record holds the whole value, so
    /// damaged records before it no longer matter.
    pub(super) fn remove_replaced(&mut self, change: &Change) {
        match change {
            Change::Put(key, _) | Change::Delete(key) => _ = self.keys.remove(key),
            Change::Meta(_) => self.meta = false,
        }
    }

    /// The report for the caller of `open`. `kept_aside` is empty.
    pub(super) fn report(self) -> OpenReport {
        OpenReport {
            lost: self.keys.into_iter().map(String::from).collect(),
            lost_unknown: self.unknown || self.meta,
            kept_aside: Vec::new(),
        }
    }
}
