//! A simulated disk. Any call can fail, and it can show its content after power loss at any moment.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};

use super::super::disk::{Disk, Stat};
use super::fault::Fault;
use super::model::Dice;

/// The unit in which a write survives power loss or is lost.
const SECTOR: usize = 64;

/// The disk. A clone refers to the same disk.
#[derive(Clone, Debug, Default)]
pub(super) struct SimDisk(pub(super) Arc<Mutex<State>>);

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) files: Vec<Vec<u8>>,
    pub(super) names: BTreeMap<PathBuf, usize>,
    /// All changes since `start`.
    pub(super) events: Vec<Event>,
    start: (Vec<Vec<u8>>, BTreeMap<PathBuf, usize>),
    calls: usize,
    faults: Vec<(usize, Fault)>,
    broken: Option<Fault>,
    /// The failure of all calls that change names.
    pub(super) broken_changes: Option<Fault>,
    /// Random failures: one in this many calls, the fault, and the random generator.
    random_faults: Option<(u64, Fault, Dice)>,
    pub(super) locked: bool,
    /// When the files were last written that were not written at `NOW`.
    pub(super) modified: BTreeMap<PathBuf, i64>,
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    Write { file: usize, at: usize, bytes: Vec<u8> },
    SetLen { file: usize, len: usize },
    Synced { file: usize, well: bool },
    Named { path: PathBuf, file: usize },
    Renamed { from: PathBuf, to: PathBuf },
    Removed { path: PathBuf },
    DirSynced,
}

impl SimDisk {
    /// A folder that no other test uses.
    pub(super) fn dir() -> PathBuf {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        PathBuf::from(format!("/sim/{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    pub(super) fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// Makes one call fail: the one after `call` more calls.
    pub(super) fn fail_at(&self, call: usize, fault: Fault) {
        let mut state = self.0.lock();
        let call = state.calls + call;
        state.faults.push((call, fault));
    }

    /// Makes every call fail, or none.
    pub(super) fn break_down(&self, fault: Option<Fault>) {
        self.0.lock().broken = fault;
    }

    /// Makes every call fail that creates, renames or removes a file or folder, or none.
    pub(super) fn break_down_changes(&self, fault: Option<Fault>) {
        self.0.lock().broken_changes = fault;
    }

    /// Makes one in `odds` calls fail, at random.
    pub(super) fn fail_at_random(&self, odds: u64, fault: Fault, seed: u64) {
        self.0.lock().random_faults = Some((odds, fault, Dice(seed)));
    }

    /// Ends all failures.
    pub(super) fn heal(&self) {
        let mut state = self.0.lock();
        state.faults.clear();
        state.broken = None;
        state.broken_changes = None;
        state.random_faults = None;
    }

    pub(super) fn calls(&self) -> usize {
        self.0.lock().calls
    }

    /// The number of changes so far: the moment for a later `power_lost`.
    pub(super) fn moment(&self) -> usize {
        self.0.lock().events.len()
    }

    pub(super) fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.0.lock();
        state.names.get(path).map(|file| state.files[*file].clone())
    }

    pub(super) fn names(&self) -> Vec<PathBuf> {
        self.0.lock().names.keys().cloned().collect()
    }

    /// Adds a file that is already synced.
    pub(super) fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.0.lock();
        state.files.push(bytes.to_vec());
        let file = state.files.len() - 1;
        state.names.insert(path.to_path_buf(), file);
        state.sync_all();
    }

    /// Sets when a file was last written.
    pub(super) fn set_modified(&self, path: &Path, modified: i64) {
        self.0.lock().modified.insert(path.to_path_buf(), modified);
    }

    /// Changes the bytes of a file and syncs the whole disk.
    pub(super) fn patch(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.0.lock();
        let file = state.names[path];
        change(&mut state.files[file]);
        state.sync_all();
    }

    /// Changes bytes permanently, without syncing earlier writes.
    pub(super) fn overwrite(&self, path: &Path, change: impl FnOnce(&[u8]) -> (usize, Vec<u8>)) {
        let mut state = self.0.lock();
        let file = state.names[path];
        let (at, bytes) = change(&state.files[file]);
        state.write(file, at, &bytes);
        for event in &mut state.events {
            match event {
                Event::Write { file: written, at: from, bytes: old } if *written == file => {
                    for (i, byte) in bytes.iter().enumerate() {
                        if let Some(place) = (at + i).checked_sub(*from).and_then(|n| old.get_mut(n)) {
                            *place = *byte;
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Moves all files to another folder, so that a copy of a disk can be opened while the store
    /// that wrote it is open.
    pub(super) fn move_dir(&self, from: &Path, to: &Path) {
        let mut state = self.0.lock();
        let moved =
            |path: &PathBuf| path.strip_prefix(from).map_or_else(|_| path.clone(), |name| to.join(name));
        state.names = state.names.iter().map(|(path, file)| (moved(path), *file)).collect();
        state.sync_all();
    }

    /// The disk after a kill of the process: every write is there.
    pub(super) fn killed(&self) -> SimDisk {
        let mut state = self.0.lock().clone();
        state.sync_all();
        SimDisk(Arc::new(Mutex::new(state)))
    }

    /// The disk after power loss at `moment`. Synced changes survive. `kept` decides about each
    /// other change, and about each sector of a write. Changes of names survive in their order.
    pub(super) fn power_lost(&self, moment: usize, mut kept: impl FnMut() -> bool) -> SimDisk {
        let state = self.0.lock();
        let events = &state.events[..moment];
        let (files, names) = state.start.clone();
        let mut image = State { files, names, ..State::default() };
        let mut names_kept = true;
        for (i, event) in events.iter().enumerate() {
            let later = &events[i + 1..];
            match event {
                Event::Write { file, at, bytes } => {
                    let synced = is_synced(*file, later);
                    for (n, sector) in bytes.chunks(SECTOR).enumerate() {
                        if synced || kept() {
                            image.write(*file, at + n * SECTOR, sector);
                        }
                    }
                }
                Event::SetLen { file, len } => {
                    if is_synced(*file, later) || kept() {
                        image.file(*file).resize(*len, 0);
                    }
                }
                Event::Synced { .. } | Event::DirSynced => {}
                naming => {
                    let synced = later.iter().any(|event| matches!(event, Event::DirSynced));
                    names_kept &= synced || kept();
                    if names_kept {
                        image.rename(naming);
                    }
                }
            }
        }
        image.sync_all();
        SimDisk(Arc::new(Mutex::new(image)))
    }

    pub(super) fn call(&self) -> (MutexGuard<'_, State>, Option<Fault>) {
        let mut state = self.0.lock();
        let now = state.calls;
        state.calls += 1;
        let planned = state.faults.iter().find(|(call, _)| *call == now).map(|(_, fault)| *fault);
        let random_faults = state.random_faults.as_mut();
        let random_faults =
            random_faults.and_then(|(odds, fault, dice)| (dice.below(*odds) == 0).then_some(*fault));
        let fault = planned.or(state.broken).or(random_faults);
        (state, fault)
    }

    /// A call that changes names.
    pub(super) fn naming(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.simple()?;
        state.broken_changes.map_or(Ok(()), |fault| Err(fault.error()))?;
        Ok(state)
    }

    pub(super) fn simple(&self) -> io::Result<MutexGuard<'_, State>> {
        match self.call() {
            (state, None | Some(Fault::Short)) => Ok(state),
            (_, Some(fault)) => Err(fault.error()),
        }
    }
}

/// Whether the next sync of `file` in `later` succeeded.
fn is_synced(file: usize, later: &[Event]) -> bool {
    let sync = later.iter().find_map(|event| match event {
        Event::Synced { file: synced, well } if *synced == file => Some(*well),
        _ => None,
    });
    sync == Some(true)
}

impl State {
    /// Syncs everything, and ends failures and locks.
    fn sync_all(&mut self) {
        self.events.clear();
        self.start = (self.files.clone(), self.names.clone());
        self.locked = false;
        self.faults.clear();
        self.broken = None;
        self.broken_changes = None;
        self.random_faults = None;
    }

    fn file(&mut self, file: usize) -> &mut Vec<u8> {
        if self.files.len() <= file {
            self.files.resize(file + 1, Vec::new());
        }
        &mut self.files[file]
    }

    fn write(&mut self, file: usize, at: usize, bytes: &[u8]) {
        let content = self.file(file);
        if content.len() < at + bytes.len() {
            content.resize(at + bytes.len(), 0);
        }
        content[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn rename(&mut self, event: &Event) {
        match event {
            Event::Named { path, file } => {
                self.file(*file);
                self.names.insert(path.clone(), *file);
            }
            Event::Renamed { from, to } => {
                if let Some(file) = self.names.remove(from) {
                    self.names.insert(to.clone(), file);
                }
            }
            Event::Removed { path } => _ = self.names.remove(path),
            _ => {}
        }
    }

    pub(super) fn apply(&mut self, event: Event) {
        match &event {
            Event::Write { file, at, bytes } => self.write(*file, *at, &bytes.clone()),
            Event::SetLen { file, len } => self.file(*file).resize(*len, 0),
            naming => self.rename(&naming.clone()),
        }
        self.events.push(event);
    }

    pub(super) fn named(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn stat(&self, file: usize) -> Stat {
        Stat { identity: (1, file as u64), len: self.files[file].len() as u64 }
    }
}
