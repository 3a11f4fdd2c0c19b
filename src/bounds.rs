//! Every limit on a size or a number, with its reason.
//!
//! A limit protects memory, a file format or arithmetic from input that this library did not
//! write. Each is checked at the place that takes the input in.

/// The longest event name, in bytes of UTF-8. It keeps keys within what every storage takes.
pub(crate) const MAX_NAME: usize = 1_024;

/// The most buckets of one tracked unit. It bounds the memory of one event.
pub(crate) const MAX_BUCKETS: usize = 100_000;
/// The most pairs of one stored series: twice the window, which is what a cell keeps.
pub(crate) const MAX_PAIRS: usize = 2 * MAX_BUCKETS;

/// The most bytes that one decoded value may claim to have. bincode refuses more.
pub(crate) const MAX_DECODED: usize = 64 << 20;
/// The most events of an export. Each takes some hundred bytes in memory, however short it is.
pub(crate) const MAX_EXPORTED_EVENTS: usize = 100_000;
/// The most bytes that a merge accepts for one event. Storages that take 16 MiB per value then
/// always have room for it.
pub(crate) const MAX_EVENT_BYTES: usize = 8 << 20;

/// The most erased names that are remembered. Their hashes are written with every store record.
pub(crate) const MAX_ERASED: usize = 100_000;
/// The most lanes in a version vector. All counts of further lanes are exchanged each time.
pub(crate) const MAX_KNOWN_LANES: usize = 100_000;
/// The most lanes that are remembered as counted by this device's clock. Further ones are read
/// like those of other devices.
pub(crate) const MAX_LOCAL_LEGACY_LANES: usize = 1_000;
/// The most losses that are listed one by one. More are reported as one loss of unknown extent,
/// so that the store record stays small.
#[cfg(feature = "storage-fs")]
pub(crate) const MAX_LOSSES: usize = 1_000;
/// The most stored reservations at a time. They are written with every store record.
pub(crate) const MAX_STORED_RESERVATIONS: usize = 256;

/// The highest stamp. A larger one cannot be reached by counting changes, so it is forged.
pub(crate) const MAX_STAMP: u64 = 1 << 62;
/// The highest generation. A larger one cannot be reached by erasing, so it is forged.
pub(crate) const MAX_GENERATION: u32 = 1 << 30;
/// The most by which imported data may raise a generation at once. It prevents forged data from
/// using up all generations.
pub(crate) const MAX_GENERATION_STEP: u32 = 1 << 16;

/// The most instants that are tried to find when a rule passes. It bounds the time of a refusal.
pub(crate) const MAX_RETRY_INSTANTS: usize = 1_024;

/// The furthest that a local clock may be from UTC, in seconds. The real maximum is 14 hours.
pub(crate) const MAX_OFFSET_SECONDS: i32 = 18 * 3_600;
/// The most transitions of a time zone table. Real zones have fewer than 300.
pub(crate) const MAX_TRANSITIONS: usize = 10_000;

/// The longest duration that the foreign interface accepts, in milliseconds: 10,000 years, which
/// is longer than any store can look back.
#[cfg(feature = "ffi")]
pub(crate) const MAX_DURATION_MILLIS: i64 = 10_000 * 366 * 24 * 3_600_000;
