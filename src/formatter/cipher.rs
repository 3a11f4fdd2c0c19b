//! The cipher of sealed bytes: XChaCha20-Poly1305. Only this file uses the crate of the cipher,
//! which comes with the feature `sync-key`. Without the feature no key can be made.

#[cfg(feature = "sync-key")]
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};

#[cfg(feature = "sync-key")]
pub(crate) const KEY_LEN: usize = 32;
pub(crate) const NONCE_LEN: usize = 24;
pub(crate) const TAG_LEN: usize = 16;

/// A key. It is overwritten with zeros when it is dropped, and is not part of any text.
#[cfg(feature = "sync-key")]
pub(crate) struct Key(XChaCha20Poly1305);

#[cfg(not(feature = "sync-key"))]
pub(crate) enum Key {}

#[cfg(feature = "sync-key")]
impl Key {
    pub(crate) fn new(key: [u8; KEY_LEN]) -> Key {
        Key(XChaCha20Poly1305::new(&key.into()))
    }

    /// Encrypts `text` in place and returns the tag; `None` for a text of 256 GiB or more.
    pub(crate) fn encrypt(
        &self,
        nonce: [u8; NONCE_LEN],
        associated: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG_LEN]> {
        let tag = self.0.encrypt_inout_detached(&nonce.into(), associated, text.into());
        tag.ok().map(Into::into)
    }

    /// Decrypts `text` in place. Returns whether the tag is right. Otherwise nothing may be read
    /// from `text`.
    pub(crate) fn decrypt(
        &self,
        nonce: [u8; NONCE_LEN],
        associated: &[u8],
        text: &mut [u8],
        tag: [u8; TAG_LEN],
    ) -> bool {
        self.0.decrypt_inout_detached(&nonce.into(), associated, text.into(), &tag.into()).is_ok()
    }
}

#[cfg(not(feature = "sync-key"))]
impl Key {
    pub(crate) fn encrypt(&self, _: [u8; NONCE_LEN], _: &[u8], _: &mut [u8]) -> Option<[u8; TAG_LEN]> {
        match *self {}
    }

    pub(crate) fn decrypt(&self, _: [u8; NONCE_LEN], _: &[u8], _: &mut [u8], _: [u8; TAG_LEN]) -> bool {
        match *self {}
    }
}
