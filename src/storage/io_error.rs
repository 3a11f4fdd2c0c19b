//! Converts errors of the file system.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::Error;

/// Converts the error of a call on `path`: to `Io` if only a change of the files or the arguments
/// can help, otherwise to `Unavailable`. The result never means that a file is absent: use
/// [`present`] for that.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| match source.kind() {
        kind if is_wrong_path(kind) => Error::Io { action, path: path.to_owned(), source },
        ErrorKind::ReadOnlyFilesystem
        | ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded
        | ErrorKind::FileTooLarge => Error::Io { action, path: path.to_owned(), source },
        _ => unavailable(action, &source),
    }
}

/// Converts an error of looking for a file or creating it. Most errors leave open whether there is
/// a file, and can pass: these are `Unavailable`. Only for a path that cannot be that of a file the
/// error stays `Io`.
#[cfg(feature = "storage-fs")]
pub(super) fn opening_failed(error: Error) -> Error {
    match error {
        Error::Io { action, source, .. } if !is_wrong_path(source.kind()) => unavailable(action, &source),
        error => error,
    }
}

/// Checks a path that the app gives to open a store.
///
/// # Errors
/// `InvalidArgument` for an empty one, which is that of the current folder, and for one with a NUL
/// character, which no system takes.
#[cfg(feature = "storage-fs")]
pub(crate) fn check_path(path: &Path) -> crate::error::Result<()> {
    if path.as_os_str().is_empty() {
        return Err(Error::InvalidArgument(
            "the path is empty; use the path of a folder or file of the app".into(),
        ));
    }
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(Error::InvalidArgument("the path has a NUL character; leave it out".into()));
    }
    Ok(())
}

/// `None` if the file does not exist. All other errors stay errors.
#[cfg(feature = "storage-fs")]
pub(super) fn present<T>(answer: io::Result<T>) -> io::Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error of a failed call that can pass. The text does not contain the path, because a path can
/// contain the name of an event.
pub(super) fn unavailable(action: &str, source: &io::Error) -> Error {
    let advice = match source.kind() {
        _ if is_locked(source) => "the device may be locked: try again after it is unlocked",
        ErrorKind::PermissionDenied => "the app needs the right to read and write its files",
        _ => "try again later",
    };
    Error::unavailable(format!("could not {action}: {source}; {advice}"))
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
fn is_wrong_path(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::Unsupported
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(source: io::Error) -> Error {
        failed("read the file of an event", Path::new("/e-secret.bin"))(source)
    }

    #[test]
    fn an_error_that_can_pass_is_unavailable_and_names_no_path() {
        for (source, advice) in [
            (ErrorKind::PermissionDenied.into(), "right"),
            (ErrorKind::Interrupted.into(), "later"),
            (ErrorKind::ResourceBusy.into(), "later"),
            (ErrorKind::TimedOut.into(), "later"),
            (io::Error::other("a bad sector"), "later"),
        ] {
            let Error::Unavailable { what, event: None } = converted(source) else { panic!("{advice}") };
            assert!(what.contains(advice) && !what.contains("secret"), "{what}");
            assert!(!what.contains("locked"), "{what}");
        }
    }

    #[test]
    fn an_error_that_cannot_pass_is_io() {
        for kind in [
            ErrorKind::NotFound,
            ErrorKind::NotADirectory,
            ErrorKind::IsADirectory,
            ErrorKind::InvalidFilename,
            ErrorKind::StorageFull,
        ] {
            assert!(matches!(converted(kind.into()), Error::Io { .. }), "{kind:?}");
        }
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn only_a_missing_key_is_reported_as_a_locked_device() {
        let text = |number| converted(io::Error::from_raw_os_error(number)).to_string();
        assert!(text(126).contains("may be locked"), "ENOKEY");
        assert!(!text(13).contains("locked"), "EACCES");
        assert!(!text(1).contains("locked"), "EPERM");
    }

    #[cfg(feature = "storage-fs")]
    #[test]
    fn only_a_wrong_path_cannot_pass_when_a_file_is_opened() {
        let opened = |kind: ErrorKind| {
            opening_failed(Error::Io { action: "open", path: "/x".into(), source: kind.into() })
        };
        for kind in [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem, ErrorKind::Other] {
            assert!(matches!(opened(kind), Error::Unavailable { .. }), "{kind}");
        }
        assert!(matches!(opened(ErrorKind::NotADirectory), Error::Io { .. }));
    }
}
