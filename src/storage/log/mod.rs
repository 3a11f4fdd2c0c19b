//! The log: one append-only file that holds all events. It is the storage for phones.
//!
//! A record holds a whole event in its encoded form, and the last record of a key counts. So a
//! replay is idempotent, and a damaged record affects no other key. An index in memory holds the
//! offset of each key's last record; values are read on demand.
//!
//! `docs/format.md` describes the bytes. The modules:
//!
//! - `disk`: all file system calls; `os`: their implementation; `folder`: the paths.
//! - `header`, `synced_len`, `frame`, `mark`, `batch`: the encoding.
//! - `read_buffer`, `scan`, `replay`, `recover`: reading a file; `salvage`: reading a damaged one;
//!   `losses`: damage that was found.
//! - `index`: the index in memory.
//! - `store`: the interface; `open`: opening.
//! - `log_file`, `append`: writing and syncing; `rewrite`: writing a whole new file;
//!   `damaged_copy`: copies of damaged files; `copy_removal`: their end.
//! - `claim`: one store per folder within a process; `write_lock`, `known_state`: other processes.

mod append;
mod batch;
mod claim;
mod copy_removal;
mod damaged_copy;
mod disk;
mod folder;
mod frame;
mod header;
mod index;
mod known_state;
mod log_file;
mod losses;
mod mark;
mod open;
mod os;
mod read_buffer;
mod recover;
mod replay;
mod rewrite;
mod salvage;
mod scan;
mod store;
mod synced_len;
mod write_lock;

#[cfg(test)]
mod tests;

pub(crate) use batch::Op;
pub(crate) use losses::OpenReport;
pub(crate) use store::LogStore;
