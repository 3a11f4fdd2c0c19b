//! What the caller wants written, and what it changes.

use super::frame::{Frame, Kind, MAX_KEY, MAX_VALUE};
use super::index::{Change, Slot};
use crate::error::{Error, Result};

/// One change of the store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op<'a> {
    /// Gives a key a value, in place of what it had.
    Put {
        /// At most 1,024 bytes.
        key: &'a str,
        /// At most 16 MiB.
        value: &'a [u8],
    },
    /// Removes a key. It need not exist.
    Delete {
        /// At most 1,024 bytes.
        key: &'a str,
    },
    /// Replaces the store's own metadata.
    Meta {
        /// At most 16 MiB.
        value: &'a [u8],
    },
}

impl<'a> Op<'a> {
    fn parts(&self) -> (Kind, &'a str, &'a [u8]) {
        match self {
            Op::Put { key, value } => (Kind::Put, key, value),
            Op::Delete { key } => (Kind::Delete, key, &[]),
            Op::Meta { value } => (Kind::Meta, "", value),
        }
    }
}

/// Whether the log can hold the batch; asked before anything is touched.
///
/// # Errors
/// [`Error::Storage`] for a key above 1,024 bytes or a value above 16 MiB.
pub(super) fn check(batch: &[Op<'_>]) -> Result<()> {
    for op in batch {
        let (_, key, value) = op.parts();
        if key.len() > MAX_KEY || value.len() > MAX_VALUE {
            return Err(Error::Storage(format!(
                "a record may have {MAX_KEY} bytes of key and {MAX_VALUE} bytes of value, this one has {} and {}",
                key.len(),
                value.len()
            )));
        }
    }
    Ok(())
}

/// Adds the batch to `out`, whose beginning lies at `base` in the file. Returns what it will have changed once it is
/// written.
pub(super) fn encode<'b>(
    batch: &[Op<'b>],
    sequence: u32,
    seed: u32,
    base: u64,
    out: &mut Vec<u8>,
) -> Result<Vec<Change<&'b str, &'b [u8]>>> {
    let mut changes = Vec::with_capacity(batch.len());
    for (sequence, (left, op)) in (sequence..).zip((0..batch.len()).rev().zip(batch)) {
        let (kind, key, value) = op.parts();
        let offset = base + out.len() as u64;
        Frame { kind, more: left > 0, sequence, key, value }.write(out, seed)?;
        changes.push(match op {
            Op::Put { .. } => Change::Put(key, Slot { offset, value_len: value.len() }),
            Op::Delete { .. } => Change::Delete(key),
            Op::Meta { .. } => Change::Meta(value),
        });
    }
    Ok(changes)
}
