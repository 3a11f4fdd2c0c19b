//! Joins libraries for several architectures into a universal file, as `lipo -create` does.
//!
//! `lipo` is not used, because it parses its input and fails if it is older than rustc's LLVM. A
//! universal file is a table followed by the unchanged libraries.

use crate::failure::{Failure, Result, WithPath};
use std::path::{Path, PathBuf};

/// Writes a universal file. A single library is copied unchanged.
pub fn create(libraries: &[(&str, PathBuf)], to: &Path) -> Result {
    let read = |(arch, path): &(&'_ str, PathBuf)| {
        let number = processor(arch).ok_or_else(|| Failure::new(format!("unknown architecture {arch}")))?;
        Ok((number, std::fs::read(path).with_path(path)?))
    };
    let mut parts = libraries.iter().map(read).collect::<Result<Vec<_>>>()?;
    let bytes = match parts.as_mut_slice() {
        [(_, only)] => std::mem::take(only),
        parts => table(parts).ok_or_else(|| Failure::new("the universal library would exceed 4 GB"))?,
    };
    std::fs::write(to, bytes).with_path(to)
}

/// The CPU type and subtype of Mach-O.
fn processor(arch: &str) -> Option<(u32, u32)> {
    match arch {
        "arm64" => Some((0x0100_000c, 0)),
        "arm64_32" => Some((0x0200_000c, 1)),
        "armv7k" => Some((12, 12)),
        "x86_64" => Some((0x0100_0007, 3)),
        _ => None,
    }
}

type Part = ((u32, u32), Vec<u8>);

/// The table and the parts. All numbers are big-endian: the magic, the number of parts, and for
/// each part its type, subtype, offset, size, and alignment as a power of two.
fn table(parts: &[Part]) -> Option<Vec<u8>> {
    const ALIGNED_TO_8: u32 = 3;
    let count = u32::try_from(parts.len()).ok()?;
    let mut head: Vec<u8> = [0xcafe_babe_u32, count].iter().flat_map(|word| word.to_be_bytes()).collect();
    let mut body = Vec::new();
    let start = head.len().checked_add(parts.len().checked_mul(20)?)?;
    for ((cpu, subtype), bytes) in parts {
        while !(start.checked_add(body.len())?).is_multiple_of(8) {
            body.push(0);
        }
        let offset = u32::try_from(start.checked_add(body.len())?).ok()?;
        let size = u32::try_from(bytes.len()).ok()?;
        offset.checked_add(size)?;
        head.extend([*cpu, *subtype, offset, size, ALIGNED_TO_8].iter().flat_map(|word| word.to_be_bytes()));
        body.extend_from_slice(bytes);
    }
    head.extend(body);
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_at_the_offset_in_the_table() {
        let parts = vec![((1, 2), b"first part".to_vec()), ((3, 4), b"second".to_vec())];
        let bytes = table(&parts).unwrap();
        let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((word(0), word(4)), (0xcafe_babe, 2));
        for (index, (_, content)) in parts.iter().enumerate() {
            let entry = 8 + 20 * index;
            let (offset, size) = (word(entry + 8) as usize, word(entry + 12) as usize);
            assert_eq!(offset % 8, 0);
            assert_eq!(&bytes[offset..offset + size], content.as_slice());
        }
    }
}
