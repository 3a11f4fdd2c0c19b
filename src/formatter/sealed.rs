//! Sealed bytes: an envelope, encrypted and authenticated with a key. They keep others who can read
//! and write the transport from reading, changing or making exports and sync states.
//!
//! `magic (4 bytes) | version (1) | nonce (24) | encrypted envelope | tag (16)`
//!
//! The cipher is XChaCha20-Poly1305. Magic and version are the associated data. The type of the
//! envelope is encrypted with it, so an export is no sync state. The nonce is random, and so long
//! that two of one key never agree. So no store has to count its messages.

use super::cipher::{Key, NONCE_LEN, TAG_LEN};
use super::envelope;
use crate::bounds::MAX_ENVELOPE_PAYLOAD_BYTES;
use crate::error::{Error, Result};

const MAGIC: [u8; 4] = *b"TCa\n";
const VERSION: u8 = 1;
const HEADER: [u8; 5] = {
    let [m0, m1, m2, m3] = MAGIC;
    [m0, m1, m2, m3, VERSION]
};

/// Whether this is sealed data, as far as its beginning shows.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Seals an envelope. No other envelope may be sealed with the same key and nonce.
///
/// # Errors
/// `Serialization` for a length that no envelope has.
pub(crate) fn seal(key: &Key, nonce: [u8; NONCE_LEN], mut envelope: Vec<u8>) -> Result<Vec<u8>> {
    let tag = key.encrypt(nonce, &HEADER, &mut envelope);
    let tag = tag.ok_or_else(|| Error::Serialization("the data is too long to be sealed".into()))?;
    Ok([&HEADER[..], &nonce, &envelope, &tag].concat())
}

/// Opens sealed data with the first of the keys that matches, and returns the envelope. `name` is
/// that of the expected envelope.
///
/// # Errors
/// `Incompatible` for a newer version; `Corrupt` for data that is truncated, too long, changed or
/// sealed with another key.
pub(crate) fn open<'k>(keys: impl IntoIterator<Item = &'k Key>, name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = |how: &str| Error::corrupt(format!("{name} {how}; get it again from its source"));
    let Some((header, rest)) = bytes.split_first_chunk::<{ HEADER.len() }>() else {
        return Err(damaged("is truncated"));
    };
    let [.., version] = *header;
    if version > VERSION {
        let (found, supported) = (version.into(), VERSION.into());
        return Err(Error::Incompatible { what: "sealed data", found, supported, event: None });
    }
    let Some((nonce, rest)) = rest.split_first_chunk::<NONCE_LEN>() else {
        return Err(damaged("is truncated"));
    };
    let Some((text, tag)) = rest.split_last_chunk::<TAG_LEN>() else {
        return Err(damaged("is truncated"));
    };
    if text.len() > envelope::HEADER_LEN + MAX_ENVELOPE_PAYLOAD_BYTES {
        return Err(damaged("is too long"));
    }
    for key in keys {
        let mut text = text.to_vec();
        if key.decrypt(*nonce, header, &mut text, *tag) {
            return Ok(text);
        }
    }
    Err(Error::corrupt(format!(
        "{name} was changed or sealed with another sync key; use the same key in all stores, or get it again \
         from its source"
    )))
}

#[cfg(all(test, feature = "sync-key"))]
mod tests {
    use super::*;
    use crate::formatter::envelope::{EXPORT, SYNC_STATE};

    /// The bytes from `first` on, in ascending order.
    fn counting<const N: usize>(first: u8) -> [u8; N] {
        let mut next = first..;
        [(); N].map(|()| next.next().unwrap_or_default())
    }

    fn key() -> Key {
        Key::new(counting(0))
    }

    /// Computed by another implementation, from `docs/format.md` alone. It is the example there.
    const SEALED: &[u8] = b"TCa\n\x01\
        defghijklmnopqrstuvwxyz{\
        \x28\x30\x92\xba\xfe\x2f\x89\x82\x87\x98\xc3\x2d\xd9\x6f\
        \x6c\x61\x89\x96\xaa\xc5\xaf\x4f\xab\xd9\xca\x73\x0b\x62\x62\xf7";

    #[test]
    fn the_sealed_bytes_are_those_that_the_documentation_describes() {
        let envelope = SYNC_STATE.seal("", &[0]).unwrap();
        assert_eq!(seal(&key(), counting(100), envelope.clone()).unwrap(), SEALED);
        assert_eq!(open([&key()], "it", SEALED).unwrap(), envelope);
    }

    #[test]
    fn a_newer_version_is_incompatible_and_an_older_one_damaged() {
        let mut other = SEALED.to_vec();
        other[4] = 2;
        let newer = open([&key()], "it", &other);
        assert!(matches!(newer, Err(Error::Incompatible { found: 2, supported: 1, .. })), "{newer:?}");
        other[4] = 0;
        assert!(matches!(open([&key()], "it", &other), Err(Error::Corrupt { .. })));
    }

    #[test]
    fn the_longest_envelope_can_be_opened_and_a_longer_one_not() {
        let mut longest = EXPORT.seal("", &vec![0; MAX_ENVELOPE_PAYLOAD_BYTES]).unwrap();
        let sealed = seal(&key(), counting(0), longest.clone()).unwrap();
        assert!(open([&key()], "it", &sealed).unwrap() == longest);
        longest.push(0);
        let sealed = seal(&key(), counting(0), longest).unwrap();
        assert!(matches!(open([&key()], "it", &sealed), Err(Error::Corrupt { .. })));
    }
}
