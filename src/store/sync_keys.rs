//! The keys with which a store seals the bytes that it gives out and opens those that it gets.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::formatter::cipher::Key;
use crate::formatter::sealed;
use crate::random::random;

/// What a store without the key is asked to do about sealed bytes.
const OPEN_WITH_KEY: &str = if cfg!(feature = "sync-key") {
    "open the store with that key"
} else {
    "use a build of the library that has sync keys, and open the store with that key"
};

/// The sync keys of a store. They are not part of any text.
#[derive(Default)]
pub(super) struct SyncKeys {
    /// Seals and opens.
    own: Option<Key>,
    /// Only opens.
    also_accepted: Option<Key>,
}

impl SyncKeys {
    /// Whether there is no key, or one to seal with.
    ///
    /// # Errors
    /// `ConfigMismatch`.
    pub(super) fn check(&self) -> Result<()> {
        if self.own.is_none() && self.also_accepted.is_some() {
            return Err(Error::ConfigMismatch(
                "a second sync key needs a first one, which seals; give the store both".into(),
            ));
        }
        Ok(())
    }

    /// An envelope as it leaves the device: sealed, if the store has a key.
    ///
    /// # Errors
    /// `Unavailable` if the system has no random numbers.
    pub(super) fn seal(&self, envelope: Vec<u8>) -> Result<Vec<u8>> {
        match &self.own {
            Some(key) => sealed::seal(key, random()?, envelope),
            None => Ok(envelope),
        }
    }

    /// The envelope in bytes from outside. `name` is that of the expected envelope. A store with a
    /// key opens sealed bytes only, because anybody can make others.
    ///
    /// # Errors
    /// `SyncKeyRequired` for sealed bytes without a key. With one: `Corrupt` for bytes that are not
    /// sealed, damaged or sealed with another key, `Incompatible` for a newer version.
    pub(super) fn open<'a>(&self, name: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        match (&self.own, sealed::is_sealed(bytes)) {
            (None, false) => Ok(bytes.into()),
            (None, true) => Err(Error::SyncKeyRequired(format!(
                "{name} was expected, but the data is sealed with a sync key; {OPEN_WITH_KEY}"
            ))),
            (Some(_), false) => Err(Error::corrupt(format!(
                "{name} was expected, but the data is not sealed with a sync key; get it from a store that has \
                 the key of this store"
            ))),
            (Some(own), true) => {
                let keys = std::iter::once(own).chain(&self.also_accepted);
                Ok(sealed::open(keys, name, bytes)?.into())
            }
        }
    }
}

#[cfg(feature = "sync-key")]
impl super::EventStoreBuilder {
    /// Sets the key that all stores of one person share. It seals what `export_bytes`,
    /// `export_since`, `export_parts`, `export_parts_since` and `knowledge` return: without the key
    /// nobody can read it, change it or make it. `merge_bytes`, `export_since` and
    /// `export_parts_since` then accept only bytes that are sealed with this key. Without a sync
    /// key, whoever can write to the transport can add counts and erase events.
    ///
    /// The counters that `export_all` and `export_dirty` return are not sealed, and neither is the
    /// storage. Bytes that were exported earlier can be merged again, which changes nothing. Their
    /// length remains visible.
    ///
    /// The key must be random. Keep it where the system keeps secrets, not beside the exports.
    ///
    /// ```
    /// use tiny_counter::EventStore;
    ///
    /// let key = [7; 32]; // in an app: random bytes
    /// let phone = EventStore::builder().with_sync_key(key).build().unwrap();
    /// phone.record("app_launch");
    /// let sealed = phone.export_bytes().unwrap();
    ///
    /// let tablet = EventStore::builder().with_sync_key(key).build().unwrap();
    /// assert_eq!(tablet.merge_bytes(&sealed).unwrap().events_changed, 1);
    /// assert!(EventStore::new().merge_bytes(&sealed).is_err());
    /// ```
    pub fn with_sync_key(mut self, key: [u8; 32]) -> Self {
        self.sync_keys.own = Some(Key::new(key));
        self
    }

    /// Sets a second key that opens bytes and seals none. It is for a change of the key. Devices
    /// change at different times, so this takes three steps. Each begins when all devices have
    /// taken the one before:
    ///
    /// 1. `with_sync_key(old)` and `also_accept_sync_key(new)`;
    /// 2. `with_sync_key(new)` and `also_accept_sync_key(old)`;
    /// 3. `with_sync_key(new)`.
    ///
    /// Somebody who knows the old key can make bytes until the third step. It replaces a second key
    /// that was set before.
    pub fn also_accept_sync_key(mut self, key: [u8; 32]) -> Self {
        self.sync_keys.also_accepted = Some(Key::new(key));
        self
    }
}

#[cfg(feature = "ffi")]
impl super::EventStoreBuilder {
    /// `with_sync_key` and `also_accept_sync_key` for keys of any length, in every build.
    ///
    /// # Errors
    /// `InvalidArgument` unless each key has 32 bytes; `ConfigMismatch` without the feature
    /// `sync-key`.
    pub(crate) fn with_sync_keys(mut self, key: &[u8], also_accepted: Option<&[u8]>) -> Result<Self> {
        self.sync_keys.own = Some(key_of(key)?);
        self.sync_keys.also_accepted = also_accepted.map(key_of).transpose()?;
        Ok(self)
    }
}

#[cfg(all(feature = "ffi", feature = "sync-key"))]
fn key_of(bytes: &[u8]) -> Result<Key> {
    let key = bytes.try_into().map_err(|_| {
        Error::InvalidArgument(format!("a sync key has 32 bytes, not {}; use 32 random bytes", bytes.len()))
    })?;
    Ok(Key::new(key))
}

#[cfg(all(feature = "ffi", not(feature = "sync-key")))]
fn key_of(_: &[u8]) -> Result<Key> {
    Err(Error::ConfigMismatch(
        "this build of the library has no sync keys; use a build that has them, or pass no key".into(),
    ))
}
