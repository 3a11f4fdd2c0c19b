//! Erased events: a name that is gone is remembered by its hash alone.

use siphasher::sip128::{Hasher128, SipHasher24};
use std::hash::Hasher;

/// What stands for an erased event's name, the same on every device.
pub(crate) fn key(name: &str) -> [u8; 16] {
    let mut hasher = SipHasher24::new();
    hasher.write(name.as_bytes());
    hasher.finish128().as_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_of_a_name_is_the_same_for_ever() {
        let hex: String = super::key("crash").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "PENDING");
        assert_ne!(super::key(""), super::key("a"));
    }
}
