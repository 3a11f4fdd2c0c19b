//! The encoding of one page of a stored list.

use super::{Decoded, Malformed, count, put, take};
use crate::bounds::{MAX_NAME_BYTES, MAX_PAGES};

/// An id or a hash, and its number.
type NumberEntry = ([u8; 16], u64);

/// Encodes a page of numbers and appends it to `out`.
pub(crate) fn put_number_page(entries: &[NumberEntry], out: &mut Vec<u8>) {
    put(&count(entries.len()), out);
    entries.iter().for_each(|entry| put(entry, out));
}

/// Decodes a page of numbers. A number that is not valid is an error.
pub(crate) fn number_page(bytes: &[u8], is_valid: impl Fn(u64) -> bool) -> Decoded<Vec<NumberEntry>> {
    entries(bytes, |(_, number)| is_valid(*number))
}

/// Encodes a page of event names and appends it to `out`.
pub(crate) fn put_name_page<'a>(names: impl ExactSizeIterator<Item = &'a str>, out: &mut Vec<u8>) {
    put(&count(names.len()), out);
    names.for_each(|name| put(&name, out));
}

/// Decodes a page of event names.
pub(crate) fn name_page(bytes: &[u8]) -> Decoded<Vec<&str>> {
    entries(bytes, |name: &&str| name.len() <= MAX_NAME_BYTES)
}

/// Encodes a page of the names of stored events and appends it to `out`. `pages` is how many pages
/// there are, this one included.
pub(crate) fn put_stored_names<'a>(
    pages: u32,
    names: impl ExactSizeIterator<Item = &'a str>,
    out: &mut Vec<u8>,
) {
    put(&pages, out);
    put_name_page(names, out);
}

/// Decodes a page of the names of stored events: how many pages there were when it was written, and
/// its names.
pub(crate) fn stored_names(mut bytes: &[u8]) -> Decoded<(u32, Vec<&str>)> {
    let pages = take(&mut bytes)?;
    if pages > MAX_PAGES {
        return Err(OUT_OF_RANGE);
    }
    Ok((pages, name_page(bytes)?))
}

const OUT_OF_RANGE: Malformed = Malformed("a list of the store is damaged (a value is out of range)");

fn entries<'a, T: super::BorrowDecode<'a, ()>>(
    mut bytes: &'a [u8],
    is_valid: impl Fn(&T) -> bool,
) -> Decoded<Vec<T>> {
    let mut entries = Vec::new();
    for _ in 0..take::<u64>(&mut bytes)? {
        let entry: T = take(&mut bytes)?;
        if !is_valid(&entry) {
            return Err(OUT_OF_RANGE);
        }
        entries.push(entry);
    }
    match bytes.is_empty() {
        true => Ok(entries),
        false => Err(Malformed("a list of the store is damaged (bytes follow it)")),
    }
}
