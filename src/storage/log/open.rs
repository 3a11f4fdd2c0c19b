//! Puts a store together from what lies in its folder.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use super::aside;
use super::claim::Claim;
use super::disk::{Disk, failed, present};
use super::fresh;
use super::losses::OpenReport;
use super::place::Place;
use super::process::Seen;
use super::recover::{Recovered, recover};
use super::store::LogStore;
use super::writer::Writer;
use crate::error::Result;

/// Opens the log of a folder on any disk. See [`LogStore::open`].
pub(super) fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<(LogStore, OpenReport)> {
    let dir = disk.canonical(dir);
    let claim = Claim::take(dir.clone())?;
    let place = Arc::new(Place::new(disk, &dir));
    fresh::sweep(&place);
    let (recovered, seen) = look(&place)?;
    let Recovered { replay, header, keep } = recovered;
    let mut report = replay.losses.report();
    if let (true, Some(file), Seen::File(stat)) = (keep, &replay.index.file, seen) {
        match aside::keep(&place, &**file, stat.len) {
            Ok(path) => report.kept_aside.push(path),
            // The first write tries again, and does not replace the file before there is a copy.
            Err(error) => ::log::warn!("could not keep a copy of a damaged event log yet: {error}"),
        }
    }
    let trim = matches!(seen, Seen::File(stat) if stat.len != replay.index.len);
    let index = Arc::new(Mutex::new(replay.index));
    let writer = Writer {
        place: Arc::clone(&place),
        index: Arc::clone(&index),
        lock: None,
        seen,
        header,
        keep,
        trim,
        // What a killed process wrote is there, and may not be on the disk yet.
        unsynced: (header.is_some() || keep) && !replay.settled,
        sequence: replay.sequence,
        buffer: Vec::new(),
    };
    Ok((LogStore { place, index, writer: Mutex::new(writer), claim: Mutex::new(Some(claim)) }, report))
}

fn look(place: &Place) -> Result<(Recovered, Seen)> {
    let Some(file) = present(place.disk.open(&place.log)).map_err(failed("open", &place.log))? else {
        return Ok((Recovered::default(), Seen::Nothing));
    };
    let stat = file.stat().map_err(failed("look at", &place.log))?;
    let mut recovered = recover(place, &*file, stat.len)?;
    recovered.replay.index.file = Some(Arc::from(file));
    Ok((recovered, Seen::File(stat)))
}
