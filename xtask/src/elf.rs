//! Reads the segment alignment from an ELF file.

use crate::failure::{Failure, Result, WithPath};
use std::path::Path;

/// The smallest alignment of the loaded segments: the largest page size that the library supports.
pub fn page_alignment(library: &Path) -> Result<u64> {
    let bytes = std::fs::read(library).with_path(library)?;
    min_alignment(&bytes).ok_or_else(|| Failure::new(format!("{} is not an ELF library", library.display())))
}

/// Only little-endian files: all Android ABIs are little-endian.
fn min_alignment(bytes: &[u8]) -> Option<u64> {
    if bytes.get(..4)? != b"\x7fELF" {
        return None;
    }
    let is_64_bit = *bytes.get(4)? == 2;
    let (table, entry, count) = if is_64_bit { (0x20, 0x36, 0x38) } else { (0x1c, 0x2a, 0x2c) };
    let word = |at: usize| number(bytes, at, if is_64_bit { 8 } else { 4 });
    let table = usize::try_from(word(table)?).ok()?;
    let entry = usize::try_from(number(bytes, entry, 2)?).ok()?;
    let count = usize::try_from(number(bytes, count, 2)?).ok()?;
    let mut smallest = None;
    for index in 0..count {
        let header = table.checked_add(entry.checked_mul(index)?)?;
        const LOAD: u64 = 1;
        if number(bytes, header, 4)? == LOAD {
            let align = word(header.checked_add(if is_64_bit { 0x30 } else { 0x1c })?)?;
            smallest = Some(smallest.map_or(align, |found: u64| found.min(align)));
        }
    }
    smallest
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    Some(field.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alignment_of_the_running_program_is_found() {
        let program = std::env::current_exe().unwrap();
        if cfg!(target_os = "linux") {
            assert!(page_alignment(&program).unwrap() >= 4096);
        }
    }

    #[test]
    fn the_smallest_alignment_is_returned() {
        let mut bytes = vec![0; 0x40 + 2 * 0x38];
        bytes[..5].copy_from_slice(b"\x7fELF\x02");
        bytes[0x20] = 0x40;
        bytes[0x36] = 0x38;
        bytes[0x38] = 2;
        for (header, align) in [(0x40, 0x40_u8), (0x78, 0x10)] {
            bytes[header] = 1;
            bytes[header + 0x31] = align;
        }
        assert_eq!(min_alignment(&bytes), Some(0x1000));
        assert_eq!(min_alignment(&bytes[..0x60]), None);
        assert_eq!(min_alignment(b"no library at all"), None);
    }
}
