//! The hash that stands for the name of an erased event.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

/// The hash that stands for an erased name. It is the same on every device.
pub(super) fn key(name: &str) -> [u8; 16] {
    let mut hasher = SipHasher24::new();
    hasher.write(name.as_bytes());
    hasher.finish128().as_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_of_a_name_never_changes() {
        let hex: String = super::key("crash").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "046cd4136c26eb0b91e4dd9c84a6f2bb");
        assert_ne!(super::key(""), super::key("a"));
    }
}
