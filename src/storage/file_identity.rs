//! The identity of a file: shows whether another file took its place.

use std::fs::Metadata;

/// The device and inode numbers of a file; `None` on systems that have none.
pub(super) type FileIdentity = Option<(u64, u64)>;

#[cfg(unix)]
pub(super) fn identity(file: &Metadata) -> FileIdentity {
    use std::os::unix::fs::MetadataExt as _;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(_: &Metadata) -> FileIdentity {
    None
}
