//! As much of the ELF format as it takes to see how a library wants to be loaded.

use crate::failure::{About, Failure, Result};
use std::path::Path;

/// The smallest alignment among the segments that are loaded: the largest page that the library can live with.
pub fn page(library: &Path) -> Result<u64> {
    let bytes = std::fs::read(library).about(library)?;
    alignment(&bytes).ok_or_else(|| Failure::new(format!("{} is no ELF library", library.display())))
}

/// All of Android is little-endian.
fn alignment(bytes: &[u8]) -> Option<u64> {
    if bytes.get(..4)? != b"\x7fELF" {
        return None;
    }
    let wide = *bytes.get(4)? == 2;
    let (table, entry, count) = if wide { (0x20, 0x36, 0x38) } else { (0x1c, 0x2a, 0x2c) };
    let word = |at: usize| number(bytes, at, if wide { 8 } else { 4 });
    let table = usize::try_from(word(table)?).ok()?;
    let entry = usize::try_from(number(bytes, entry, 2)?).ok()?;
    let count = usize::try_from(number(bytes, count, 2)?).ok()?;
    let mut least = None;
    for index in 0..count {
        let header = table.checked_add(entry.checked_mul(index)?)?;
        const LOAD: u64 = 1;
        if number(bytes, header, 4)? == LOAD {
            let align = word(header.checked_add(if wide { 0x30 } else { 0x1c })?)?;
            least = Some(least.map_or(align, |l: u64| l.min(align)));
        }
    }
    least
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    Some(field.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_program_is_read() {
        let program = std::env::current_exe().unwrap();
        if cfg!(target_os = "linux") {
            assert!(page(&program).unwrap() >= 4096);
        }
    }

    #[test]
    fn the_least_alignment_counts() {
        let mut bytes = vec![0; 0x40 + 2 * 0x38];
        bytes[..5].copy_from_slice(b"\x7fELF\x02");
        bytes[0x20] = 0x40;
        bytes[0x36] = 0x38;
        bytes[0x38] = 2;
        for (header, align) in [(0x40, 0x40_u8), (0x78, 0x10)] {
            bytes[header] = 1;
            bytes[header + 0x31] = align;
        }
        assert_eq!(alignment(&bytes), Some(0x1000));
        assert_eq!(alignment(&bytes[..0x60]), None);
        assert_eq!(alignment(b"no library at all"), None);
    }
}
