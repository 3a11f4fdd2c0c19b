//! The failures of the simulated disk.

use std::io;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An error without any effect. After such a sync the earlier writes are never synced.
    Error(io::ErrorKind),
    /// The same, with an error number of the system.
    Errno(i32),
    /// A read or write of half of the bytes, without an error. Other calls succeed.
    Short,
    /// Half of a write, then an error.
    HalfThenError,
    /// A complete write that reports an error.
    DoneThenError,
}

impl Fault {
    pub(super) fn error(self) -> io::Error {
        match self {
            Fault::Error(kind) => kind.into(),
            Fault::Errno(number) => io::Error::from_raw_os_error(number),
            Fault::HalfThenError => io::ErrorKind::StorageFull.into(),
            Fault::Short | Fault::DoneThenError => io::ErrorKind::Other.into(),
        }
    }
}
