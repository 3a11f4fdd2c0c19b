//! Every limit on a size or a number, with its reason.

#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
use std::time::Duration;

// ---- The log ----

/// The longest key in bytes: the longest event name. Fixed by the file format.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_KEY_BYTES: usize = 1024;

/// The longest value in bytes: bounds the memory that reading a damaged file can take. Fixed by the
/// file format.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_VALUE_BYTES: usize = 16 << 20;

/// How many copies of damaged log files are kept: bounds the disk space if damage recurs.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_DAMAGED_COPIES: u32 = 4;

/// How much of a damaged file is copied: a foreign file under the log's name can have any size.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_DAMAGED_COPY_BYTES: u64 = 64 << 20;

/// The smallest log that is compacted: rewriting a smaller one saves too little disk space.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MIN_COMPACTION_BYTES: u64 = 64 << 10;

/// How often a write tries to take the lock between processes: 1 second in all, longer than a write
/// of another process takes.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_LOCK_TRIES: u32 = 200;

/// The pause between two of these tries: short, because a write takes milliseconds.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_LOCK_RETRY_PAUSE: Duration = Duration::from_millis(5);

/// The largest write buffer that is kept between writes: one large write must not hold memory.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_RETAINED_BUFFER_BYTES: usize = 16 << 10;

// ---- Other storages ----

/// The longest value in bytes that a file or a database row may hold: twice
/// [`MAX_ENVELOPE_PAYLOAD_BYTES`], which leaves room for larger formats such as JSON.
#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
pub(crate) const MAX_STORED_VALUE_BYTES: u32 = 64 << 20;

/// The longest encoded part of a file name: file systems allow 255 bytes, which must also hold
/// `e-`, `+`, the extension and `.tmp`.
#[cfg(feature = "storage-fs")]
pub(crate) const MAX_FILE_NAME_PART_BYTES: usize = 200;

/// The longest file extension in bytes: it must fit behind [`MAX_FILE_NAME_PART_BYTES`].
#[cfg(feature = "storage-fs")]
pub(crate) const MAX_EXTENSION_BYTES: usize = 16;

/// How long SQLite waits for another connection's write: 1 second, as the log does.
#[cfg(feature = "storage-sqlite")]
pub(crate) const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(1);

// ---- Binary data ----

/// The longest payload of an envelope in bytes: decoding takes a multiple of it in memory.
pub(crate) const MAX_ENVELOPE_PAYLOAD_BYTES: usize = 32 << 20;
