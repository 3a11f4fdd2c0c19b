//! What SQLite answers, sorted by what the caller can do about it.

use rusqlite::ErrorCode;

use crate::error::Error;

pub(super) fn failed(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::unavailable(format!(
            "the database is in use by another connection ({error}); try again later"
        )),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            Error::unavailable(format!(
                "the database cannot be opened or written now ({error}); the device may be locked, try again later"
            ))
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(&error.to_string()),
        Some(_) => Error::Storage(format!("SQLite: {error}")),
        // A value of another kind than the table's, or none where there must be one.
        None => damaged(&error.to_string()),
    }
}

pub(super) fn damaged(how: &str) -> Error {
    Error::corrupt(format!(
        "the database is damaged ({how}); restore it from a backup, or remove it to begin anew"
    ))
}
