//! Converts errors of the file system.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::Error;

/// What Unix systems return for a file that the device's lock protects. A plain lack of rights is
/// another number.
const EPERM: i32 = 1;

/// Converts the error of a call on `path`: to `Io` if only a change of the files or the arguments
/// can help, otherwise to `Unavailable`. The text does not contain the path, because a path can
/// contain the name of an event.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| {
        let advice = match source.kind() {
            ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::FileTooLarge
            | ErrorKind::Unsupported => return Error::Io { action, path, source },
            ErrorKind::PermissionDenied if cfg!(unix) && source.raw_os_error() == Some(EPERM) => {
                "the device may be locked: try again after it is unlocked"
            }
            ErrorKind::PermissionDenied => "the app needs the right to read and write its files",
            _ => "try again later",
        };
        Error::unavailable(format!("could not {action}: {source}; {advice}"))
    }
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

    #[cfg(unix)]
    #[test]
    fn only_the_error_of_a_locked_device_is_reported_as_one() {
        let text = |number| converted(io::Error::from_raw_os_error(number)).to_string();
        assert!(text(EPERM).contains("may be locked"));
        assert!(!text(13).contains("locked"), "EACCES");
    }
}
