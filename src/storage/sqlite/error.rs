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
                "could not open or write the database ({error}); the device may be locked: try again after it is unlocked"
            ))
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(&error.to_string()),
        Some(_) => Error::Storage(format!("SQLite: {error}")),
        // A value that does not have the type of its column.
        None => damaged(&error.to_string()),
    }
}

/// The error for a damaged database.
pub(super) fn damaged(how: &str) -> Error {
    Error::corrupt(format!(
        "the database is damaged ({how}); restore it from a backup, or remove it to start without counts"
    ))
}
