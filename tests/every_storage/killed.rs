//! Checks of the storage that a kill left.

use std::collections::BTreeMap;

use tiny_counter::{Error, EventStore, ReservationKey, TestClock};

use super::common::in_memory;
use super::kill_run::{NAMES, Truth, lifetime, open};
use super::own_storage::OwnStorage;

/// A kill during a step.
pub struct Killed<'a> {
    /// For the messages of failed checks.
    pub context: String,
    /// What was true before the step, and what would be true after it.
    pub states: [&'a Truth; 2],
    pub clock: &'a TestClock,
    /// Exports of the peer that were made before the step.
    pub exports: &'a [Vec<u8>],
}

impl Killed<'_> {
    /// Checks the storage that the kill left.
    pub fn check(&self, storage: OwnStorage) {
        let store = open(&storage, self.clock);
        self.check_health(&store);
        self.check_bounds(&store, &BTreeMap::new());
        let committed = self.commit_all(&store);
        // Old exports of the peer come late.
        for export in self.exports {
            let report = store.merge_bytes(export).unwrap();
            assert!(!report.restarted, "{}: nothing that was exported is missing", self.context);
            self.check_bounds(&store, &committed);
        }
        self.check_joined(&store, &committed);
        store.persist().unwrap();
        let peer = in_memory(self.clock);
        peer.merge_bytes(self.exports.last().unwrap()).unwrap();
        peer.merge_bytes(&store.export_since(&peer.knowledge().unwrap()).unwrap()).unwrap();
        store.merge_bytes(&peer.export_since(&store.knowledge().unwrap()).unwrap()).unwrap();
        self.check_joined(&store, &committed);
        for name in NAMES {
            assert_eq!(lifetime(&peer, name), lifetime(&store, name), "{}: {name}", self.context);
        }
        let before = NAMES.map(|name| lifetime(&store, name));
        store.close().unwrap();
        let store = open(&storage, self.clock);
        assert_eq!(NAMES.map(|name| lifetime(&store, name)), before, "{}", self.context);
        assert!(store.reservations().is_empty(), "{}", self.context);
        self.check_health(&store);
    }

    fn check_health(&self, store: &EventStore) {
        let health = store.health();
        assert!(health.losses.is_empty() && health.quarantined.is_empty(), "{}: {health:?}", self.context);
        assert_eq!(health.clock_went_back, None, "{}", self.context);
    }

    /// Commits every pending reservation. Returns how often each event was counted by that.
    fn commit_all(&self, store: &EventStore) -> BTreeMap<&'static str, u32> {
        let found: Vec<ReservationKey> = store.reservations().iter().map(|one| one.key).collect();
        let [before, after] = self.states.map(|state| &state.pending);
        for pending in before.iter().filter(|pending| after.contains(pending)) {
            assert!(found.contains(&pending.0), "{}: {pending:?} is missing", self.context);
        }
        let mut committed = BTreeMap::new();
        let is_known = |key| before.iter().chain(after).find(|(known, _)| *known == key);
        for key in found {
            let name = is_known(key).expect(&self.context).1;
            store.commit_reservation(key).unwrap();
            *committed.entry(name).or_default() += 1;
            let again = store.commit_reservation(key);
            assert!(matches!(again, Err(Error::InvalidArgument(_))), "{}", self.context);
        }
        committed
    }

    /// Checks the counts of a store that may not know all that the peer counted.
    fn check_bounds(&self, store: &EventStore, committed: &BTreeMap<&str, u32>) {
        for name in NAMES {
            let counts = self.states.map(|state| state.of(name));
            let least = counts.map(|count| count.stored).into_iter().min().unwrap();
            let most = counts.map(|count| count.own + count.peer).into_iter().max().unwrap();
            let extra = committed.get(name).copied().unwrap_or(0);
            let found = lifetime(store, name);
            let fits = (least + extra..=most + extra).contains(&found);
            assert!(fits, "{}: {name} {found}, {extra} committed, {counts:?}", self.context);
        }
    }

    /// Checks the counts of a store that knows everything that the peer knows.
    fn check_joined(&self, store: &EventStore, committed: &BTreeMap<&str, u32>) {
        for name in NAMES {
            let extra = committed.get(name).copied().unwrap_or(0);
            let found = lifetime(store, name);
            let counts = self.states.map(|state| state.of(name));
            let fits = counts.iter().any(|count| {
                (count.stored + count.peer..=count.own + count.peer).contains(&found.saturating_sub(extra))
            });
            assert!(fits, "{}: {name} {found}, {extra} committed, {counts:?}", self.context);
        }
    }
}
