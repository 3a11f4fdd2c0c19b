//! Three honest stores that sync with each other, one of which a hostile message reaches.

use super::allocator::most;
use super::common::{SharedStorage, clock, in_memory, on_storage};
use super::message::{Lane, Message, Stamp};
use tiny_counter::{EventStore, MergeReport, Result, TestClock};

/// How many times its size a message may allocate, how much more for each of its events, and for
/// a few lists and messages.
const OF_A_MESSAGE: usize = 40;
const OF_AN_EVENT: usize = 400;
const OF_AN_ERASED_CELL: usize = 200;
const SMALL: usize = 1 << 20;

pub struct Peers {
    clock: TestClock,
    storage: SharedStorage,
    /// The victim, which has a storage, its friend, and a third store.
    pub stores: [EventStore; 3],
    /// The lanes of the stores.
    pub lanes: [Lane; 3],
    /// The state of the victim: its epoch, and its last stamp.
    pub state: (u64, Stamp),
}

fn take_varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7F) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

/// The state and the lane of a store that knows no other lane.
fn identity(store: &EventStore) -> ((u64, Stamp), Lane) {
    let knowledge = store.knowledge().unwrap();
    let mut bytes = &knowledge[13..];
    let epoch = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    bytes = &bytes[8..];
    let (number, opening) = (take_varint(&mut bytes), take_varint(&mut bytes));
    assert_eq!(bytes[..2], [0, 1], "no horizon, one lane");
    ((epoch, (number, opening as u32)), bytes[2..18].try_into().unwrap())
}

impl Peers {
    /// Stores that have counted and know each other.
    pub fn new() -> Peers {
        let (clock, storage) = (clock(), SharedStorage::default());
        let stores = [on_storage(&clock, &storage), in_memory(&clock), in_memory(&clock)];
        for store in &stores {
            store.record_count("life", 2);
            store.export_bytes().unwrap();
        }
        let lanes = [0, 1, 2].map(|at| identity(&stores[at]).1);
        let mut peers = Peers { clock, storage, lanes, state: (0, (0, 0)), stores };
        peers.stores[0].persist().unwrap();
        peers.state = identity(&peers.stores[0]).0;
        peers.sync();
        peers.all_count("life", Some(6));
        peers
    }

    /// The last stamp of the victim before the attack.
    pub fn last(&self) -> Stamp {
        self.state.1
    }

    /// A merge whose memory is bounded.
    pub fn merge(&self, at: usize, message: &Message) -> Result<MergeReport> {
        let (bytes, events) = (message.bytes(), message.events.len());
        let erased: usize = message.parts.iter().map(|part| part.births.len()).sum();
        let (done, allocated) = most(|| self.stores[at].merge_bytes(&bytes));
        let bound = OF_A_MESSAGE * bytes.len() + OF_AN_EVENT * events + OF_AN_ERASED_CELL * erased + SMALL;
        assert!(allocated <= bound, "{} bytes and {events} events allocated {allocated}", bytes.len());
        done
    }

    /// Each store gets what is new to it of each other one, until no delta has counts.
    pub fn sync(&self) {
        for round in 0..4 {
            let mut is_quiet = true;
            for (from, to) in [(0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)] {
                let (from, to) = (&self.stores[from], &self.stores[to]);
                let delta = match round {
                    0 => from.export_bytes().unwrap(),
                    _ => from.export_since(&to.knowledge().unwrap()).unwrap(),
                };
                // A delta without counts.
                is_quiet &= to.merge_bytes(&delta).unwrap().replicas == 0;
            }
            if is_quiet {
                return;
            }
        }
        panic!("deltas always have counts");
    }

    pub fn all_count(&self, event: &str, count: Option<u64>) {
        for (at, store) in self.stores.iter().enumerate() {
            assert_eq!(store.query(event).lifetime(), count, "{event} in store {at}");
        }
    }

    /// Whether an exchange between the first two stores says nothing: no lane and no event.
    pub fn is_empty_delta(&self) -> bool {
        let delta = self.stores[0].export_since(&self.stores[1].knowledge().unwrap()).unwrap();
        self.stores[1].merge_bytes(&delta).unwrap();
        delta.len() <= 13 + 1 + 8 + 10 + 5 + 4
    }

    fn all_agree(&self) {
        let answers = |store: &EventStore| {
            let mut names = store.events();
            names.sort();
            let counts = |name: &String| {
                let query = || store.query(name);
                (query().lifetime(), query().last_days(28).into_buckets(), query().ever().total())
            };
            names.iter().take(50).map(|name| (name.clone(), counts(name))).collect::<Vec<_>>()
        };
        let [victim, friend, third] = [0, 1, 2].map(|at| answers(&self.stores[at]));
        assert_eq!(victim, friend);
        assert_eq!(victim, third);
    }

    pub fn reopen(&mut self) {
        std::mem::replace(&mut self.stores[0], in_memory(&self.clock)).close().unwrap();
        self.stores[0] = on_storage(&self.clock, &self.storage);
        let health = self.stores[0].health();
        assert!(health.losses.is_empty() && health.quarantined.is_empty(), "{health:?}");
    }

    /// Everything that stores do works, whatever was merged before.
    pub fn live(mut self) {
        self.clock.advance(chrono::Duration::hours(1));
        for (store, count) in self.stores.iter().zip([1, 2, 4]) {
            store.record_count("after", count);
        }
        self.stores[0].persist().unwrap();
        self.sync();
        self.all_count("after", Some(7));
        self.all_agree();
        self.reopen();
        self.sync();
        self.all_agree();
        self.stores[1].erase_event("after").unwrap();
        self.sync();
        self.all_count("after", None);
        self.reopen();
        self.stores.iter().for_each(|store| store.record("after"));
        self.sync();
        self.all_count("after", Some(3));
        self.all_agree();
        self.stores[2].erase_all().unwrap();
        self.sync();
        self.reopen();
        for store in &self.stores {
            assert_eq!(store.events(), [""; 0]);
            store.record_count("again", 2);
        }
        self.sync();
        self.reopen();
        self.all_count("again", Some(6));
        self.sync();
        self.all_agree();
    }
}
