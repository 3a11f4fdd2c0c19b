//! The index in memory: the file offset of each key's last record, and the metadata.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::disk::DiskFile;
use super::frame::{FrameKind, Head, frame_len};
use super::synced_len::FIRST_FRAME;
use crate::error::Error;

/// The position of a key's last record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The offset of its frame.
    pub(super) offset: u64,
    pub(super) value_len: usize,
}

/// The change that one record makes to the index.
#[derive(Debug)]
pub(super) enum Change<K = Box<str>, V = Box<[u8]>> {
    Put(K, Slot),
    Delete(K),
    Meta(V),
}

/// The index. Its lock is never held during a file system call, so readers do not wait for the
/// disk.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The file to which the slots refer.
    pub(super) file: Option<Arc<dyn DiskFile>>,
    /// Whether the store was closed. Values can then no longer be read.
    pub(super) closed: bool,
    /// The seed of the file's checksums.
    pub(super) seed: u32,
    /// The length of the valid part of the file.
    pub(super) len: u64,
    pub(super) meta: Option<Vec<u8>>,
    pub(super) slots: HashMap<Box<str>, Slot, RandomState>,
    live: u64,
    /// Whether the file holds a removal. It names its key, and earlier records of the key can be
    /// there too. Only a rewrite removes them.
    pub(super) holds_removed: bool,
}

impl Index {
    /// The index of a log that was not opened.
    pub(super) fn closed() -> Index {
        Index { closed: true, ..Index::default() }
    }

    /// Applies the change of a record that is in the file.
    pub(super) fn apply<K, V>(&mut self, change: Change<K, V>)
    where
        K: AsRef<str> + Into<Box<str>>,
        V: AsRef<[u8]>,
    {
        match change {
            Change::Put(key, slot) => {
                let key_len = key.as_ref().len();
                self.live += size(key_len, slot.value_len);
                if let Some(old) = self.slots.get_mut(key.as_ref()) {
                    self.live -= size(key_len, old.value_len);
                    *old = slot;
                } else {
                    self.slots.insert(key.into(), slot);
                }
            }
            Change::Delete(key) => {
                self.holds_removed = true;
                if let Some(old) = self.slots.remove(key.as_ref()) {
                    self.live -= size(key.as_ref().len(), old.value_len);
                }
            }
            Change::Meta(value) => {
                if let Some(old) = &self.meta {
                    self.live -= size(0, old.len());
                }
                // Every write brings it, so its buffer is kept.
                let meta = self.meta.get_or_insert_default();
                meta.clear();
                meta.extend_from_slice(value.as_ref());
                self.live += size(0, meta.len());
            }
        }
    }

    /// How many bytes of the file a compaction would remove.
    pub(super) fn garbage(&self) -> u64 {
        self.len.saturating_sub(FIRST_FRAME as u64).saturating_sub(self.live)
    }

    /// How many bytes of the file belong to the last record of a key, or to the last metadata.
    pub(super) fn live(&self) -> u64 {
        self.live
    }

    /// A copy of the live data.
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut slots: Vec<_> = self.slots.iter().map(|(key, slot)| (key.clone(), *slot)).collect();
        slots.sort_unstable_by_key(|(_, slot)| slot.offset);
        Snapshot { file: self.file.clone(), seed: self.seed, len: self.len, meta: self.meta.clone(), slots }
    }
}

/// The input of a rewrite: a copy, so that the index is not locked during the rewrite.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) file: Option<Arc<dyn DiskFile>>,
    pub(super) seed: u32,
    pub(super) len: u64,
    pub(super) meta: Option<Vec<u8>>,
    /// The keys in the order of their records in the file.
    pub(super) slots: Vec<(Box<str>, Slot)>,
}

/// The value in the bytes that were read from `slot`; `None` if they are no longer the record of
/// `key`.
pub(super) fn checked_value<'b>(bytes: &'b [u8], seed: u32, key: &str, slot: Slot) -> Option<&'b [u8]> {
    let (head, found) = Head::read(bytes, seed)?;
    let same = head.kind == FrameKind::Put && found == key && head.value_len == slot.value_len;
    head.value(bytes).filter(|_| same)
}

/// The error for a record that [`checked_value`] rejects.
pub(super) fn damaged_record(key: &str) -> Error {
    Error::Corrupt {
        what: "a record in the event log does not match its checksum; restore a backup or erase the event"
            .into(),
        event: Some(key.into()),
    }
}

fn size(key_len: usize, value_len: usize) -> u64 {
    frame_len(key_len, value_len) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(index: &mut Index, change: Change) {
        index.apply(change);
    }

    #[test]
    fn a_removal_stays_noted_although_the_key_gets_another_record() {
        let mut index = Index::default();
        apply(&mut index, Change::Put("a".into(), Slot { offset: 24, value_len: 1 }));
        assert!(!index.holds_removed);
        apply(&mut index, Change::Delete("a".into()));
        apply(&mut index, Change::Put("a".into(), Slot { offset: 60, value_len: 1 }));
        assert!(index.holds_removed);
    }

    #[test]
    fn only_the_last_record_of_a_key_is_live() {
        let mut index = Index::default();
        for (offset, value_len) in [(24, 10), (58, 30)] {
            apply(&mut index, Change::Put("a".into(), Slot { offset, value_len }));
        }
        assert_eq!(index.live(), size(1, 30));
        apply(&mut index, Change::Meta(Box::new([0; 5])));
        apply(&mut index, Change::Meta(Box::new([0; 7])));
        assert_eq!(index.live(), size(1, 30) + size(0, 7));
        apply(&mut index, Change::Delete("a".into()));
        apply(&mut index, Change::Delete("never there".into()));
        assert_eq!(index.live(), size(0, 7));
    }
}
