//! Every limit on a size or a number, with its reason.
//!
//! A limit protects memory, a file format or arithmetic from input that this library did not
//! write. It is checked where the input comes in.

#[cfg(any(feature = "storage-fs", feature = "storage-sqlite"))]
use std::time::Duration;

// ---- Names and units ----

/// The longest event name, in bytes of UTF-8. It keeps keys within what every storage takes.
pub(crate) const MAX_NAME_BYTES: usize = 1_024;

/// The longest key of a storage, in bytes: `~others-` and the longest event name.
pub(crate) const MAX_KEY_BYTES: usize = MAX_NAME_BYTES + 8;

/// The most buckets of one tracked unit. It bounds the memory of one event.
pub(crate) const MAX_BUCKETS: usize = 100_000;

/// The most buckets ahead of the clock that a series keeps beside those up to now. A clock that is
/// corrected by up to 15 minutes leaves 900 if seconds are tracked. A clock that is set back
/// further begins another cell.
pub(crate) const MAX_BUCKETS_AHEAD: usize = 900;

/// The most pairs of one stored series: what a series of [`MAX_BUCKETS`] keeps.
pub(crate) const MAX_PAIRS: usize = 2 * MAX_BUCKETS + SPARE_BUCKETS + MAX_BUCKETS_AHEAD;

/// How many buckets a series keeps beyond twice the tracked ones: one that the beginning of a
/// window divides, and one because a local day can be shorter than 24 hours.
pub(crate) const SPARE_BUCKETS: usize = 2;

/// The most warnings that wait for the app's function. A store that was closed can cause one with
/// each recording.
pub(crate) const MAX_WAITING_WARNINGS: usize = 64;

// ---- What a store remembers ----

/// The most erased cells of one lane of another store. A merge that brings more erases the whole
/// lane. A store goes on in a new lane before, at half as many.
pub(crate) const MAX_ERASED_BIRTHS: usize = 65_536;

/// The most erased cells of all lanes of other stores after a merge. Each takes about 180 bytes of
/// memory, so this is 90 MiB. Beyond it the lanes that have the most are erased as a whole. With
/// [`MAX_FOREIGN_LANES`] others, a lane with up to 511 is never one of them. A merge brings no more
/// of the lanes of this device either.
pub(crate) const MAX_ALL_ERASED_BIRTHS: usize = 524_288;

/// The most lanes of other stores. It bounds what every export repeats.
pub(crate) const MAX_FOREIGN_LANES: usize = 1_024;

/// The most lanes that are erased as a whole and take no room among the others. Each takes about 33
/// bytes of every whole export and sync state, so this is 132 KiB.
pub(crate) const MAX_CLOSED_LANES: usize = 4_096;

/// The most openings of the own lane that are remembered one by one: years of daily use.
pub(crate) const MAX_ISSUED_OPENINGS: usize = 1_024;

/// The most openings of one lane that exports and sync states distinguish. Only copies of one store
/// that count at the same time need more than one.
pub(crate) const MAX_CLAIMED_OPENINGS: usize = 16;

/// The most cells that one cell replaces.
pub(crate) const MAX_REPLACED: usize = 1_000;

/// The most earlier lanes of this device. Cells of further ones are read like those of other
/// devices.
pub(crate) const MAX_RETIRED_LANES: usize = 1_000;

/// The most cells of one event in the own lane. A large step of the clock begins another one, so a
/// clock that is set again and again needs a limit. The youngest cell then goes on.
pub(crate) const MAX_OWN_CELLS: usize = 4;

/// The most large steps that are remembered during which the process ended.
pub(crate) const MAX_UNWATCHED_STEPS: usize = 4;

/// The most losses that are listed one by one. More are reported as one loss of unknown extent,
/// so that the store record stays small.
pub(crate) const MAX_LOSSES: usize = 1_000;

/// The most entries of one page of a stored list. A change writes its page, so this bounds the cost
/// of a change.
pub(crate) const MAX_PAGE_ENTRIES: usize = 256;

/// The most pages of a stored list. It bounds the memory that a false page number can take. The
/// last page of a longer list holds more entries.
pub(crate) const MAX_PAGES: u32 = 1 << 16;

/// The most stored reservations at a time. All of them may belong to one event, and are then
/// written with each of its changes.
pub(crate) const MAX_STORED_RESERVATIONS: usize = 256;

/// The most markers that a store declares. Each recording of an event counts since each of them.
pub(crate) const MAX_MARKERS: usize = 8;

/// The most markers of a store with the two that every store has.
pub(crate) const MAX_ALL_MARKERS: usize = MAX_MARKERS + 2;

/// The longest text of a version of the app, in bytes of UTF-8. It is written with each recording
/// of its event.
pub(crate) const MAX_APP_VERSION_BYTES: usize = 1_024;

/// The most keys whose counts were taken over from other libraries. Each takes 8 bytes of the store
/// record.
pub(crate) const MAX_IMPORTS: usize = 64;

// ---- Memory that is kept between calls ----

/// The largest buffers that are kept between writes. A decision needs less, so it does not
/// allocate.
pub(crate) const MAX_RETAINED_CHANGES_BYTES: usize = 16 << 10;

/// The longest name, or names of one query or limit together, that need no allocation. The number
/// is low, because a limit is moved with each call that adds a rule.
pub(crate) const INLINE_NAME_BYTES: usize = 40;

/// The most rules of a limit that need no allocation. It is low for the same reason.
pub(crate) const INLINE_RULES: usize = 3;

/// The most buckets whose counts need no allocation while they are added up: all default units, and
/// 1 KiB.
pub(crate) const INLINE_BUCKETS: usize = 128;

// ---- Exports and merges ----

/// The most bytes that one decoded value may claim to have. bincode refuses more.
pub(crate) const MAX_DECODED_BYTES: usize = 64 << 20;

/// The most events of an export. Each takes some hundred bytes in memory, however short it is.
pub(crate) const MAX_EXPORTED_EVENTS: usize = 100_000;

/// The longest export whose cells are kept in memory from the check to the join, so that they are
/// decoded once. It is the usual one, and bounds what is kept to a few MiB.
pub(crate) const MAX_KEPT_EXPORT_BYTES: usize = 256 << 10;

/// The most parts of an export.
pub(crate) const MAX_PARTS: u32 = 100_000;

/// The most exports of which some parts were merged and others are awaited. Older ones are merged
/// all the same, but they are sent again with the next delta.
pub(crate) const MAX_PARTIAL_EXPORTS: usize = 16;

/// The most bytes that merges and imports accept for one event. With the own cell it then fits into
/// every storage.
pub(crate) const MAX_EVENT_BYTES: usize = 8 << 20;

/// The highest stamp. A larger one cannot be reached by counting changes, so it is forged.
pub(crate) const MAX_STAMP: u64 = 1 << 62;

/// The highest stamp of a store record. A store that continues behind it still has room.
pub(crate) const MAX_RESERVED_STAMP: u64 = MAX_STAMP / 2;

// ---- Decisions, clocks and time zones ----

/// The most instants that are tried to find when a rule passes. It bounds the time of a refusal.
pub(crate) const MAX_RETRY_INSTANTS: usize = 1_024;

/// The most rules of a limit. Schedules of the app answer with one bit each.
pub(crate) const MAX_RULES: usize = 64;

/// The most watches of a store. Each takes a moment of every recording.
pub(crate) const MAX_WATCHES: usize = 64;

/// The most names that a watch collects. Beyond it every event may have changed.
pub(crate) const MAX_CHANGED_NAMES: usize = 64;

/// How deep groups of rules nest at most. They are evaluated recursively.
pub(crate) const MAX_GROUP_DEPTH: usize = 4;

/// The most events that a decision records beside its own.
pub(crate) const MAX_ALSO_RECORDED: usize = 8;

/// The most events that one decision records.
pub(crate) const MAX_RECORDED: usize = MAX_ALSO_RECORDED + 1;

/// How often rules are asked at most for the instant at which a whole limit passes. It bounds the
/// time of a refusal.
pub(crate) const MAX_RETRY_STEPS: u32 = 4_096;

/// How far beyond the longest window such an instant is looked for, in milliseconds: 400 days, so
/// that schedules meet once a year.
pub(crate) const MAX_RETRY_LOOKAHEAD: i64 = 400 * 24 * 3_600_000;

/// How far ahead a change of a schedule is looked for, in milliseconds: 16 days. Times of the day
/// and days of the week change within 7 days, and within 14 if the local clock skips a day. The
/// rest allows for changes of the offset. For dates it begins at the date.
pub(crate) const MAX_SCHEDULE_LOOKAHEAD: i64 = 16 * 24 * 3_600_000;

/// How far a clock may go back before that is a step, in milliseconds: 1 second. A thread can come
/// so late with its reading of the clock that another one has already used a later reading.
pub(crate) const MAX_LATE_READING: i64 = 1_000;

/// The largest step of the clock that is small, in milliseconds: 15 minutes. Automatic corrections
/// of a clock that runs are smaller. A larger step shows that the clock was set to a wrong time.
pub(crate) const MAX_SMALL_STEP: i64 = 15 * 60_000;

/// How far ahead the clock of another device may be to be accepted, in milliseconds: 15 minutes.
/// Clocks that are set automatically differ by less.
pub(crate) const ACCEPTED_AHEAD: i64 = 15 * 60_000;

/// The furthest that a local clock may be from UTC, in seconds. The real maximum is 14 hours.
pub(crate) const MAX_OFFSET_SECONDS: i32 = 18 * 3_600;

/// The most transitions of a time zone table. Real zones have fewer than 300.
pub(crate) const MAX_TRANSITIONS: usize = 10_000;

/// The longest duration that the foreign interface and rule documents accept, in milliseconds:
/// 10,000 years, which is longer than any store can look back.
pub(crate) const MAX_DURATION_MILLIS: i64 = 10_000 * 366 * 24 * 3_600_000;

// ---- Rule documents ----

/// The longest rule document in bytes: 1 MiB. Reading it takes a multiple of it in memory.
pub(crate) const MAX_RULE_DOCUMENT_BYTES: usize = 1 << 20;

/// The most values in a rule document: one for each 8 bytes, more than rules need. Empty lists
/// could take far more memory than their text.
pub(crate) const MAX_JSON_VALUES: usize = MAX_RULE_DOCUMENT_BYTES / 8;

/// How deep lists and objects of a rule document nest at most. They are read recursively. Rules
/// need 14 levels.
pub(crate) const MAX_JSON_DEPTH: usize = 32;

/// The most limits of a rule document.
pub(crate) const MAX_LIMITS: usize = 1_024;

// ---- The log ----

/// The longest value in bytes: bounds the memory that reading a damaged file can take. An event
/// fits: the own cell has at most 7 series of [`MAX_PAIRS`] pairs of 16 bytes, and other cells have
/// [`MAX_EVENT_BYTES`].
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_VALUE_BYTES: usize = 32 << 20;

/// How many copies of damaged log files are kept: bounds the disk space if damage recurs.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_DAMAGED_COPIES: u32 = 4;

/// How much of a damaged file is copied: a foreign file under the log's name can have any size.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_DAMAGED_COPY_BYTES: u64 = 64 << 20;

/// How long the copies of damaged log files are kept, in milliseconds: 30 days. They are for
/// diagnosis, and they hold the names of events that may be erased since.
#[cfg(feature = "storage-fs")]
pub(crate) const LOG_MAX_DAMAGED_COPY_AGE: u64 = 30 * 24 * 3_600_000;

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
