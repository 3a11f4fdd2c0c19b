//! The one who writes: batches, syncs, and a new file where one is due.

use std::sync::Arc;

use parking_lot::Mutex;

use super::aside;
use super::batch::{self, Op};
use super::disk::{DiskFile, DiskLock, failed};
use super::fresh;
use super::header::Header;
use super::index::Index;
use super::place::Place;
use super::process::{Seen, Turn, unchanged};
use crate::error::{Error, Result};

/// What is known of the file for writing. The index is shared with those who read.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) place: Arc<Place>,
    pub(super) index: Arc<Mutex<Index>>,
    pub(super) lock: Option<Arc<dyn DiskLock>>,
    pub(super) seen: Seen,
    /// The header of a file that may be appended to. `None`: a new file is due.
    pub(super) header: Option<Header>,
    /// Whether the file under the log's name is damaged or foreign: a copy of it is kept, and only a write may replace
    /// it, since with it goes the memory of what was lost.
    pub(super) keep: bool,
    /// Whether something that is no part of the log lies behind its end.
    pub(super) trim: bool,
    /// Whether something in the file is not known to survive power loss.
    pub(super) unsynced: bool,
    /// The sequence of the next frame.
    pub(super) sequence: u32,
    pub(super) buffer: Vec<u8>,
}

impl Writer {
    /// Writes a batch, all or nothing.
    pub(super) fn write(&mut self, batch: &[Op<'_>]) -> Result<()> {
        batch::check(batch)?;
        if batch.is_empty() {
            return self.still_open();
        }
        let _turn = self.turn()?;
        let Some(header) = self.appendable(batch.len()) else {
            // Whether the folder could be synced is for the next sync to say: the write survives a kill.
            return self.replace(batch).map(drop);
        };
        let sequence = self.sequence;
        self.append(|at, out| batch::encode(batch, sequence, header.seed(), at, out), batch.len())
    }

    /// Makes all that was written survive power loss.
    pub(super) fn sync(&mut self) -> Result<()> {
        if !self.unsynced {
            return self.still_open();
        }
        let _turn = self.turn()?;
        if let (true, Some(file)) = (self.keep, self.file()) {
            file.sync_data().map_err(failed("sync", &self.place.log))?;
            self.unsynced = false;
            return Ok(());
        }
        if let (Some(header), Some(file)) = (self.appendable(1), self.file()) {
            match file.sync_data() {
                Ok(()) => {
                    self.mark(header);
                    self.unsynced = false;
                    return Ok(());
                }
                // What the system holds of this file may now pass for synced without being so.
                Err(error) => {
                    ::log::warn!("could not sync the event log, writing it anew: {error}");
                    self.header = None;
                }
            }
        }
        self.replace(&[])?.thorough(&self.place)
    }

    /// Writes a new file of only what is live.
    pub(super) fn compact(&mut self) -> Result<()> {
        if self.keep || self.file().is_none() {
            return self.still_open();
        }
        let _turn = self.turn()?;
        self.replace(&[])?.thorough(&self.place)
    }

    fn still_open(&self) -> Result<()> {
        if self.index.lock().closed { Err(Error::Closed) } else { Ok(()) }
    }

    fn turn(&mut self) -> Result<Turn> {
        self.still_open()?;
        if self.lock.is_none() {
            self.place.disk.create_dir(&self.place.dir).map_err(failed("create", &self.place.dir))?;
        }
        let turn = Turn::take(&self.place, &mut self.lock)?;
        unchanged(&self.place, self.seen)?;
        Ok(turn)
    }

    pub(super) fn file(&self) -> Option<Arc<dyn DiskFile>> {
        self.index.lock().file.clone()
    }

    fn replace(&mut self, batch: &[Op<'_>]) -> Result<Replaced> {
        let old = self.index.lock().snapshot();
        if let (true, Some(file), Seen::File(stat)) = (self.keep, &old.file, self.seen) {
            aside::keep(&self.place, &**file, stat.len)?;
        }
        let fresh = fresh::replace(&self.place, &old, batch)?;
        *self.index.lock() = fresh.index;
        (self.keep, self.trim, self.sequence) = (false, false, fresh.sequence);
        self.seen = Seen::File(fresh.stat);
        let synced = self.place.disk.sync_dir(&self.place.dir);
        // If the new name may be forgotten, so may all that is written under it: the next sync starts over.
        self.unsynced = synced.is_err();
        self.header = synced.is_ok().then_some(fresh.header);
        Ok(Replaced { synced, damaged: fresh.damaged })
    }
}

/// How well a new file took the old one's place.
#[must_use]
struct Replaced {
    synced: std::io::Result<()>,
    damaged: Option<Box<str>>,
}

impl Replaced {
    /// An error unless all that was written survives power loss.
    fn thorough(self, place: &Place) -> Result<()> {
        self.synced.map_err(failed("sync", &place.dir))?;
        match self.damaged {
            None => Ok(()),
            Some(key) => Err(Error::Corrupt {
                what: "a record of the event log no longer has the checksum it was written with".into(),
                event: Some(key.into()),
            }),
        }
    }
}
