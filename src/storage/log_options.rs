//! The options of a log.

use std::path::{Path, PathBuf};

/// When the log writes a recorded event to its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writes {
    /// Soon after the recording, on a background thread of the store, so that the caller never
    /// waits for the disk. After a kill of the process the first recordings survive, up to some
    /// point: everything that was recorded before the last limit decision, persist or export that
    /// returned, and possibly more.
    #[default]
    Background,
    /// Before the recording call returns, on the calling thread. Every recording survives a kill of
    /// the process.
    Inline,
}

/// The options of an append-only log, the recommended storage for phones.
///
/// Pass it to [`EventStoreBuilder::with_log`](crate::EventStoreBuilder::with_log), which also
/// accepts the path of the folder alone. Only one store may use a folder at a time.
///
/// ```
/// use tiny_counter::{EventStore, storage::{Log, Writes}};
///
/// # fn main() -> tiny_counter::Result<()> {
/// # let temporary = tempfile::tempdir().unwrap();
/// # let folder = temporary.path().join("events");
/// let store = EventStore::builder().with_log(Log::new(folder).writes(Writes::Inline)).build()?;
/// store.record("app_launch");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Log {
    pub(crate) dir: PathBuf,
    pub(crate) writes: Writes,
}

impl Log {
    /// A log in the folder `dir` with [`Writes::Background`]. Opening creates the folder if it is
    /// missing; use a folder that holds nothing else.
    pub fn new(dir: impl Into<PathBuf>) -> Log {
        Log { dir: dir.into(), writes: Writes::default() }
    }

    /// Sets when recorded events are written. The default is [`Writes::Background`].
    #[must_use]
    pub fn writes(self, writes: Writes) -> Log {
        Log { writes, ..self }
    }
}

impl From<PathBuf> for Log {
    fn from(dir: PathBuf) -> Log {
        Log::new(dir)
    }
}

impl From<&Path> for Log {
    fn from(dir: &Path) -> Log {
        Log::new(dir)
    }
}

impl From<&PathBuf> for Log {
    fn from(dir: &PathBuf) -> Log {
        Log::new(dir)
    }
}

impl From<&str> for Log {
    fn from(dir: &str) -> Log {
        Log::new(dir)
    }
}

impl From<String> for Log {
    fn from(dir: String) -> Log {
        Log::new(dir)
    }
}
