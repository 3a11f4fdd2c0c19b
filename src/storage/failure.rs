//! Converts failed calls of the file system to errors.

use std::io;
use std::path::Path;

use crate::error::Error;

/// Converts the error of a failed call. The result never means that a file is absent: use
/// [`present`] for that.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| match source.kind() {
        io::ErrorKind::PermissionDenied => unavailable(action, &path, &source),
        _ if is_locked(&source) => unavailable(action, &path, &source),
        _ => Error::Io { action, path, source },
    }
}

/// Converts an error of looking for a file or creating it. Most errors leave open whether there is a
/// file, and can pass: these are [`Error::Unavailable`]. Only for a path that cannot be that of a file
/// the error stays [`Error::Io`].
pub(super) fn opening_failed(error: Error) -> Error {
    match error {
        Error::Io { action, path, source } if !is_wrong_path(&source) => unavailable(action, &path, &source),
        error => error,
    }
}

/// `None` if the file does not exist. All other errors stay errors.
pub(super) fn present<T>(answer: io::Result<T>) -> io::Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error of a failed call that can pass.
pub(super) fn unavailable(action: &str, path: &Path, source: &io::Error) -> Error {
    let when = if is_locked(source) {
        "the device may still be locked; try again after it is unlocked"
    } else {
        "try again later"
    };
    Error::unavailable(format!("could not {action} ({}): {source}; {when}", path.display()))
}

/// Whether the error says that the keys of encrypted files are not available. Android reports that
/// before the first unlock, iOS while the device is locked.
fn is_locked(error: &io::Error) -> bool {
    /// ENOKEY, EKEYEXPIRED and EKEYREVOKED.
    const NO_KEY: std::ops::RangeInclusive<i32> = 126..=128;
    /// EPERM. iOS has no error of its own for protected files.
    const NOT_PERMITTED: i32 = 1;
    let Some(code) = error.raw_os_error() else { return false };
    (cfg!(any(target_os = "linux", target_os = "android")) && NO_KEY.contains(&code))
        || (cfg!(target_vendor = "apple") && code == NOT_PERMITTED)
}

/// Whether the error says that a path cannot be used: a part of it is not a folder, or not a file.
fn is_wrong_path(error: &io::Error) -> bool {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound, Unsupported,
    };
    matches!(
        error.kind(),
        NotFound
            | AlreadyExists
            | NotADirectory
            | IsADirectory
            | InvalidFilename
            | InvalidInput
            | Unsupported
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(error: io::Error) -> String {
        failed("open the event log", Path::new("/x"))(error).to_string()
    }

    #[test]
    fn a_missing_permission_is_not_called_a_locked_device() {
        let error = failed("open the event log", Path::new("/x"))(io::ErrorKind::PermissionDenied.into());
        assert!(matches!(error, Error::Unavailable { .. }));
        assert_eq!(
            error.to_string(),
            "could not open the event log (/x): permission denied; try again later"
        );
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn a_missing_key_is_explained_by_the_locked_device() {
        let text = text_of(io::Error::from_raw_os_error(126));
        assert!(text.ends_with("try again after it is unlocked"), "{text}");
        assert!(!text_of(io::Error::from_raw_os_error(13)).contains("unlocked"));
    }

    #[test]
    fn only_a_wrong_path_cannot_pass_when_a_log_is_opened() {
        let opened = |kind: io::ErrorKind| {
            opening_failed(Error::Io { action: "open", path: "/x".into(), source: kind.into() })
        };
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::Other] {
            assert!(matches!(opened(kind), Error::Unavailable { .. }), "{kind}");
        }
        assert!(matches!(opened(io::ErrorKind::NotADirectory), Error::Io { .. }));
    }
}
