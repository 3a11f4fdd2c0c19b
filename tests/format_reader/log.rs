//! A log that was never damaged, and what its records say.

use std::collections::BTreeMap;

use super::bytes::{Bytes, crc};
use super::cell::{Cell, Id, Stamp, counter, stamp};
use super::export::Coverage;

/// The records that the log has in the end.
#[derive(Debug, Default)]
pub struct Log {
    pub metadata: Vec<u8>,
    pub values: BTreeMap<String, Vec<u8>>,
    /// How many bytes survive a power loss.
    pub synced: u64,
    pub len: u64,
    /// The length of the frame at the end, if that is a mark.
    pub last_mark_len: u64,
}

pub fn log(file: &[u8]) -> Log {
    let mut bytes = Bytes(file);
    assert_eq!(bytes.take(8), b"\x89TCLOG\r\n");
    assert_eq!(bytes.fixed(4), 1);
    let id = bytes.fixed(8);
    let seed = crc(0, &file[..20]);
    assert_eq!(bytes.fixed(4), u64::from(seed));
    let mut synced = [0; 2];
    for copy in &mut synced {
        let sum = crc(seed, &bytes.0[..8]);
        let length = bytes.fixed(8);
        *copy = if bytes.fixed(4) == u64::from(sum) { length } else { 0 };
    }
    let mut log = Log { synced: synced[0].max(synced[1]), len: file.len() as u64, ..Log::default() };
    let (mut sequence, mut batch) = (0, Vec::new());
    while !bytes.0.is_empty() {
        let (at, frame) = (file.len() - bytes.0.len(), bytes.0);
        assert_eq!(bytes.take(4), b"\xF9\x7C\x63\xFE");
        let (kind, flags) = (bytes.byte(), bytes.byte());
        let (key_len, len) = (bytes.fixed(2) as usize, bytes.fixed(4) as usize);
        assert_eq!(bytes.fixed(4), sequence);
        sequence += 1;
        let key = String::from_utf8(bytes.take(key_len).to_vec()).unwrap();
        let head = crc(seed, &frame[..16 + key_len]);
        assert_eq!(bytes.fixed(4), u64::from(head));
        let value = bytes.take(len).to_vec();
        if len > 0 {
            assert_eq!(bytes.fixed(4), u64::from(crc(head, &value)));
        }
        if kind == 4 {
            let mut mark = Bytes(&value);
            assert_eq!((mark.fixed(8), mark.fixed(8), flags), (at as u64, id, 0));
            assert!(batch.is_empty(), "a mark stands between two batches");
            log.last_mark_len = (frame.len() - bytes.0.len()) as u64;
            continue;
        }
        log.last_mark_len = 0;
        batch.push((kind, key, value));
        if flags & 1 == 0 {
            batch.drain(..).for_each(|record| log.take(record));
        }
    }
    assert!(batch.is_empty());
    log
}

impl Log {
    fn take(&mut self, (kind, key, value): (u8, String, Vec<u8>)) {
        match kind {
            1 => _ = self.values.insert(key, value),
            2 => _ = self.values.remove(&key),
            3 => self.metadata = value,
            other => panic!("a frame of kind {other}"),
        }
    }

    /// The names of events, each with the cells of both of its values.
    pub fn events(&self) -> BTreeMap<String, Vec<Cell>> {
        let mut events: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
        for (key, value) in &self.values {
            let name = match key.strip_prefix('~') {
                None => key,
                Some(name) if name.starts_with('~') => name,
                Some(other) => match other.strip_prefix("others-") {
                    Some(name) => name,
                    None => continue,
                },
            };
            let mut bytes = Bytes(value);
            let (own, cells) = counter(&mut bytes);
            assert!(own.is_none() || !key.starts_with("~others-"));
            local_part(bytes);
            events.entry(name.to_owned()).or_default().extend(cells);
        }
        events.values_mut().for_each(|cells| cells.sort_by_key(|cell| (cell.lane, cell.birth)));
        events.retain(|_, cells| !cells.is_empty());
        events
    }

    /// The numbers of stored reservations of events.
    pub fn reservations(&self) -> Vec<u64> {
        let is_event = |key: &str| !key.starts_with('~') || key.starts_with("~~");
        let of = |(_, value): (_, &Vec<u8>)| {
            let mut bytes = Bytes(value);
            counter(&mut bytes);
            local_part(bytes)
        };
        self.values.iter().filter(|(key, _)| is_event(key)).flat_map(of).collect()
    }

    pub fn record(&self) -> StoreRecord {
        let mut bytes = Bytes(&self.metadata);
        let (lane, last, counted) = (bytes.option(Bytes::id), bytes.b_number(), bytes.b_number());
        let (epoch, _latest) = (bytes.b_number(), bytes.option(Bytes::signed_b_number));
        let _step = bytes.option(|bytes| [(); 3].map(|()| bytes.signed_b_number()));
        let _births = bytes.option(|bytes| [(); 3].map(|()| bytes.b_number()));
        let _unwatched = bytes.list(|bytes| (bytes.b_number(), bytes.b_number(), bytes.signed_b_number()));
        let _sweep = bytes.yes_or_no();
        let _persisted = [(); 3].map(|()| bytes.option(Bytes::signed_b_number));
        let _losses =
            bytes.list(|bytes| (bytes.option(Bytes::name), bytes.signed_b_number(), bytes.b_number()));
        let _identity = bytes.option(|bytes| (bytes.id(), bytes.yes_or_no()));
        let opening = u32::try_from(bytes.b_number()).unwrap();
        let pages = [(); 4].map(|()| bytes.b_number());
        let record = StoreRecord { lane, last, counted, epoch, opening, pages };
        let _imports = bytes.list(Bytes::b_number);
        assert!(bytes.0.is_empty());
        record
    }

    /// The keys of the pages of a list.
    pub fn pages(&self, list: &str) -> Vec<&str> {
        let is_page = |key: &&str| key.strip_prefix(list).is_some_and(|number| number.parse::<u32>().is_ok());
        self.values.keys().map(String::as_str).filter(is_page).collect()
    }

    /// The entries of a list, of all its pages.
    fn entries<T>(&self, list: &str, read: impl Fn(&mut Bytes) -> T) -> Vec<T> {
        let page = |key: &str| {
            let mut bytes = Bytes(&self.values[key]);
            let entries = bytes.list(&read);
            assert!(bytes.0.is_empty());
            entries
        };
        self.pages(list).into_iter().flat_map(page).collect()
    }

    pub fn erased(&self) -> Vec<(Id, Stamp)> {
        self.entries("~erased-", |bytes| (bytes.id(), stamp(bytes)))
    }

    /// The claim of each lane of others, whether it is forked, and what is beside the claim.
    pub fn claims(&self) -> Vec<(Id, Coverage, bool, Coverage)> {
        self.entries("~claims-", |bytes| (bytes.id(), coverage(bytes), bytes.yes_or_no(), coverage(bytes)))
    }

    /// Of each lane what earlier openings counted, if it is the own one, and of which births of it
    /// all are erased.
    pub fn lanes(&self) -> Vec<(Id, Coverage, Coverage)> {
        self.entries("~lanes-", |bytes| {
            let (lane, _issued, counted) = (bytes.id(), coverage(bytes), coverage(bytes));
            bytes.option(|bytes| (bytes.b_number(), bytes.option(Bytes::b_number)));
            (lane, counted, coverage(bytes))
        })
    }
}

fn coverage(bytes: &mut Bytes) -> Coverage {
    let floor = bytes.b_number();
    let openings = bytes.list(|bytes| {
        let opening = u32::try_from(bytes.b_number()).unwrap();
        (bytes.b_number(), opening)
    });
    Coverage { floor, openings }
}

#[derive(Debug)]
pub struct StoreRecord {
    pub lane: Option<Id>,
    pub last: u64,
    pub counted: u64,
    pub epoch: u64,
    pub opening: u32,
    /// How many pages the lists have that are named in [`LISTS`].
    pub pages: [u64; 4],
}

pub const LISTS: [&str; 4] = ["~erased-", "~reserved-", "~lanes-", "~claims-"];

/// Reads what is not exchanged of an event. Returns the numbers of its stored reservations.
fn local_part(mut bytes: Bytes) -> Vec<u64> {
    let mut reservations = Vec::new();
    while !bytes.0.is_empty() {
        match bytes.b_number() {
            1 => reservations.extend(bytes.list(|bytes| {
                let (_key, number) = (bytes.b_number(), bytes.b_number());
                let (_made, duration) = (bytes.signed_b_number(), bytes.signed_b_number());
                assert!(duration > 0);
                number
            })),
            2 => {
                _ = bytes.list(|bytes| {
                    let (_lane, _birth) = (bytes.id(), stamp(bytes));
                    let (_last, _received) = (bytes.signed_b_number(), bytes.signed_b_number());
                    bytes.b_number()
                })
            }
            3 => _ = bytes.list(|bytes| (stamp(bytes), bytes.option(Bytes::b_number))),
            4 => {
                _ = bytes.list(|bytes| {
                    let at = |bytes: &mut Bytes| (bytes.signed_b_number(), bytes.signed_b_number());
                    (bytes.option(|bytes| (stamp(bytes), at(bytes))), bytes.option(Bytes::name))
                })
            }
            other => panic!("a section {other}"),
        }
    }
    assert!(reservations.is_sorted());
    reservations
}
