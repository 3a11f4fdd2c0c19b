//! A batch of operations: its check and its encoding as frames.

use super::frame::{Frame, FrameKind};
use super::index::{Change, Slot};
use crate::bounds::{LOG_MAX_KEY_BYTES, LOG_MAX_VALUE_BYTES};
use crate::error::{Error, Result};

/// One change of the store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op<'a> {
    /// Sets the value of a key, and replaces an earlier one.
    Put {
        /// At most [`LOG_MAX_KEY_BYTES`].
        key: &'a str,
        /// At most [`LOG_MAX_VALUE_BYTES`].
        value: &'a [u8],
    },
    /// Removes a key. It need not exist.
    Delete {
        /// At most [`LOG_MAX_KEY_BYTES`].
        key: &'a str,
    },
    /// Replaces the store's metadata.
    Meta {
        /// At most [`LOG_MAX_VALUE_BYTES`].
        value: &'a [u8],
    },
}

impl<'a> Op<'a> {
    fn parts(&self) -> (FrameKind, &'a str, &'a [u8]) {
        match self {
            Op::Put { key, value } => (FrameKind::Put, key, value),
            Op::Delete { key } => (FrameKind::Delete, key, &[]),
            Op::Meta { value } => (FrameKind::Meta, "", value),
        }
    }
}

/// Checks the lengths of all keys and values. Called before the file is touched.
///
/// # Errors
/// [`Error::Storage`] for a key longer than [`LOG_MAX_KEY_BYTES`] or a value longer than
/// [`LOG_MAX_VALUE_BYTES`].
pub(super) fn check(batch: &[Op<'_>]) -> Result<()> {
    for op in batch {
        let (_, key, value) = op.parts();
        if key.len() > LOG_MAX_KEY_BYTES || value.len() > LOG_MAX_VALUE_BYTES {
            return Err(Error::Storage(format!(
                "the record is too long for the log: its key has {} bytes of at most {LOG_MAX_KEY_BYTES}, \
                 its value {} of at most {LOG_MAX_VALUE_BYTES}; erase events that are no longer needed",
                key.len(),
                value.len()
            )));
        }
    }
    Ok(())
}

/// Appends the frames of the batch to `out`. `base` is the file offset of the first byte of `out`.
/// Returns the changes to apply to the index after the bytes are written.
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
