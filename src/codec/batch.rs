//! The encoding of a batch: writes that belong together, for storages without transactions.

use super::store_record::list;
use super::{Decoded, Malformed, count, put};

/// A key and its value; nothing if the key is deleted.
pub(crate) type BatchWrite = (String, Option<Vec<u8>>);

/// Encodes writes and appends them to `out`.
pub(crate) fn put_batch(writes: &[BatchWrite], out: &mut Vec<u8>) {
    put(&count(writes.len()), out);
    writes.iter().for_each(|write| put(write, out));
}

/// Decodes a batch.
pub(crate) fn batch(mut bytes: &[u8]) -> Decoded<Vec<BatchWrite>> {
    let writes = list(&mut bytes)?;
    if bytes.is_empty() { Ok(writes) } else { Err(Malformed("a batch of writes is damaged")) }
}
