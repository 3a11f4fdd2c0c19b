//! A batch of operations: its check and its encoding as frames.

use super::frame::{Frame, FrameKind, frame_len};
use super::index::{Change, Index, Slot};
use crate::bounds::{LOG_MAX_VALUE_BYTES, MAX_KEY_BYTES};
use crate::error::{Error, Result};

/// One change of the store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op<'a> {
    /// Sets the value of a key, and replaces an earlier one.
    Put {
        /// At most [`MAX_KEY_BYTES`].
        key: &'a str,
        /// At most [`LOG_MAX_VALUE_BYTES`].
        value: &'a [u8],
    },
    /// Removes a key. It need not exist.
    Delete {
        /// At most [`MAX_KEY_BYTES`].
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

/// The operations of a batch. They are iterated more than once, so that no list of them has to be
/// allocated.
pub(crate) trait Batch<'a>: Iterator<Item = Op<'a>> + Clone {}
impl<'a, T: Iterator<Item = Op<'a>> + Clone> Batch<'a> for T {}

/// The size of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) frames: usize,
    pub(super) bytes: usize,
}

/// Checks the lengths of all keys and values, and returns the size of the batch. Called before the
/// file is touched.
///
/// # Errors
/// [`Error::Storage`] for a key longer than [`MAX_KEY_BYTES`] or a value longer than
/// [`LOG_MAX_VALUE_BYTES`].
pub(super) fn checked_size<'a>(batch: impl Batch<'a>) -> Result<Size> {
    let mut size = Size::default();
    for op in batch {
        let (_, key, value) = op.parts();
        if key.len() > MAX_KEY_BYTES || value.len() > LOG_MAX_VALUE_BYTES {
            return Err(Error::Storage(format!(
                "the record is too long for the log: its key has {} bytes of at most {MAX_KEY_BYTES}, \
                 its value {} of at most {LOG_MAX_VALUE_BYTES}; erase events that are no longer needed",
                key.len(),
                value.len()
            )));
        }
        size.frames += 1;
        size.bytes += frame_len(key.len(), value.len());
    }
    Ok(size)
}

/// Appends the frames of the batch to `out`.
pub(super) fn encode<'a>(
    batch: impl Batch<'a>,
    size: Size,
    sequence: u32,
    seed: u32,
    out: &mut Vec<u8>,
) -> Result<()> {
    out.reserve(size.bytes);
    for (sequence, (left, op)) in (sequence..).zip((0..size.frames).rev().zip(batch)) {
        let (kind, key, value) = op.parts();
        Frame { kind, more: left > 0, sequence, key, value }.write(out, seed)?;
    }
    Ok(())
}

/// Applies a batch whose frames stand in the file from `offset` on to the index.
pub(super) fn apply<'a>(batch: impl Batch<'a>, mut offset: u64, index: &mut Index) {
    for op in batch {
        let (_, key, value) = op.parts();
        index.apply(match op {
            Op::Put { .. } => Change::Put(key, Slot { offset, value_len: value.len() }),
            Op::Delete { .. } => Change::Delete(key),
            Op::Meta { .. } => Change::Meta(value),
        });
        offset += frame_len(key.len(), value.len()) as u64;
    }
}
