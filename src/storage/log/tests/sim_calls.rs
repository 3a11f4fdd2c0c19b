//! The calls of the simulated disk.

use std::io;
use std::path::{Path, PathBuf};

use super::super::disk::{Disk, DiskFile, DiskLock, Stat};
use super::fault::Fault;
use super::model::NOW;
use super::sim::{Event, SimDisk};

impl Disk for SimDisk {
    fn canonical(&self, dir: &Path) -> PathBuf {
        dir.to_path_buf()
    }

    fn create_dir(&self, _: &Path) -> io::Result<()> {
        self.naming().map(drop)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = self.simple()?.named(path)?;
        Ok(Box::new(SimFile { disk: self.clone(), file }))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.naming()?;
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.files.len();
        state.apply(Event::Named { path: path.to_path_buf(), file });
        Ok(Box::new(SimFile { disk: self.clone(), file }))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let state = self.simple()?;
        state.named(path).map(|file| state.stat(file))
    }

    fn modified(&self, path: &Path) -> io::Result<i64> {
        let state = self.simple()?;
        state.named(path).map(|_| state.modified.get(path).copied().unwrap_or(NOW))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.naming()?;
        state.named(from)?;
        state.apply(Event::Renamed { from: from.to_path_buf(), to: to.to_path_buf() });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.naming()?;
        state.named(path)?;
        state.apply(Event::Removed { path: path.to_path_buf() });
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.simple()?.events.push(Event::DirSynced);
        Ok(())
    }

    fn lock_file(&self, _: &Path) -> io::Result<Box<dyn DiskLock>> {
        drop(self.naming()?);
        Ok(Box::new(SimLock(self.clone())))
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    file: usize,
}

impl DiskFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let (state, fault) = self.disk.call();
        let content = &state.files[self.file];
        let from = usize::try_from(offset).unwrap().min(content.len());
        let mut len = buffer.len().min(content.len() - from);
        match fault {
            None => {}
            Some(Fault::Short) => len = len.div_ceil(2),
            Some(fault) => return Err(fault.error()),
        }
        buffer[..len].copy_from_slice(&content[from..from + len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let (mut state, fault) = self.disk.call();
        let (len, answer) = match fault {
            None => (bytes.len(), Ok(bytes.len())),
            Some(Fault::Short) => (bytes.len().div_ceil(2), Ok(bytes.len().div_ceil(2))),
            Some(Fault::HalfThenError) => (bytes.len() / 2, Err(Fault::HalfThenError.error())),
            Some(Fault::DoneThenError) => (bytes.len(), Err(Fault::DoneThenError.error())),
            Some(fault) => (0, Err(fault.error())),
        };
        if len > 0 {
            let at = usize::try_from(offset).unwrap();
            state.apply(Event::Write { file: self.file, at, bytes: bytes[..len].to_vec() });
        }
        answer
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).unwrap();
        self.disk.simple()?.apply(Event::SetLen { file: self.file, len });
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let (mut state, fault) = self.disk.call();
        let well = matches!(fault, None | Some(Fault::Short));
        state.events.push(Event::Synced { file: self.file, well });
        fault.filter(|_| !well).map_or(Ok(()), |fault| Err(fault.error()))
    }

    fn stat(&self) -> io::Result<Stat> {
        let state = self.disk.simple()?;
        Ok(state.stat(self.file))
    }
}

#[derive(Debug)]
struct SimLock(SimDisk);

impl DiskLock for SimLock {
    fn try_lock(&self) -> io::Result<bool> {
        let mut state = self.0.simple()?;
        let free = !state.locked;
        state.locked = true;
        Ok(free)
    }

    fn unlock(&self) -> io::Result<()> {
        // The lock is released even if the call fails, as by closing the file.
        self.0.0.lock().locked = false;
        self.0.simple().map(drop)
    }
}
