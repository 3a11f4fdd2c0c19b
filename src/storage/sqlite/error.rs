//! Converts errors of SQLite.

use rusqlite::ErrorCode;

use crate::error::Error;

/// Converts an error of SQLite, according to what the caller can do about it.
pub(super) fn failed(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::unavailable(format!("another connection is using the database ({error}); try again later"))
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            Error::unavailable(format!(
                "could not open or write the database ({error}); the app needs the right to read and write the file and \
                 its folder, which a locked device may refuse: try again later"
            ))
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory) => Error::unavailable(format!(
            "the system could not read or write the database ({error}); try again later"
        )),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(&error.to_string()),
        Some(_) => Error::Storage(format!("SQLite: {error}")),
        // A value that does not have the type of its column.
        None => damaged(&error.to_string()),
    }
}

/// The error for a damaged database.
pub(super) fn damaged(how: &str) -> Error {
    Error::corrupt(format!(
        "the database is damaged ({how}); remove it and the files of SQLite beside it (-wal, -shm), then restore it \
         from a backup, or open it again to start without counts"
    ))
}
