//! One append-only file that holds every event: the storage of a phone.
//!
//! A record is a whole event in its encoded form and the last record of a key wins, so replay is idempotent and a lost
//! record harms no other. An index in memory says where each key's last record lies; values are read on demand.
//!
//! The bytes are described in `docs/format.md`. Who does what here:
//!
//! - `disk` is every call to the system, `os` its real form; `place` names the files;
//! - `header`, `frame`, `mark` and `batch` are the bytes;
//! - `window`, `scan`, `replay` and `recover` read them back, `losses` notes what is damaged;
//! - `index` is what is known in memory;
//! - `store` is the interface, `open` puts it together;
//! - `writer` and `append` write and sync, `fresh` builds a whole new file, `aside` keeps a copy of a damaged one;
//! - `claim` keeps a second store of this process away, `process` notices another process.

mod append;
mod aside;
mod batch;
mod claim;
mod disk;
mod frame;
mod fresh;
mod header;
mod index;
mod losses;
mod mark;
mod open;
mod os;
mod place;
mod process;
mod recover;
mod replay;
mod scan;
mod store;
mod window;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use batch::Op;
pub(crate) use losses::OpenReport;
pub(crate) use store::LogStore;
