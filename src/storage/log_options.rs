//! What a store is told of its log.
use std::path::{Path, PathBuf};

/// When a recording reaches the log's file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writes {
    /// On a thread of the store's, soon after the recording: the caller never waits for the disk. After a kill what survives is a prefix of
    /// what was recorded; it holds all that was recorded before a returned decision, persist or export.
    #[default]
    Background,
    /// Before the recording returns, so that it survives a kill of the process.
    Inline,
}

/// The append-only log: the storage for phones. `with_log` takes it, or just its folder.
#[derive(Debug, Clone)]
pub struct Log {
    pub(crate) dir: PathBuf,
    pub(crate) writes: Writes,
}

impl Log {
    /// The log in the folder `dir`, which is made when something is first written.
    pub fn new(dir: impl Into<PathBuf>) -> Log {
        Log { dir: dir.into(), writes: Writes::default() }
    }

    /// When recordings are written.
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
