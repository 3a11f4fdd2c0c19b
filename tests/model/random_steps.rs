//! Random lives of a phone and a peer under large clock steps, with the simplest model: when each
//! event last happened, in true time. A limit must not open early, and what a clock once showed
//! must not block it for longer than its window.

use std::sync::Arc;

use chrono::Duration;
use proptest::prelude::*;
use tempfile::TempDir;
use tiny_counter::{Clock, EventStore, TestClock, Zone};

use super::common::stores::{clock_at, in_memory, instant};
use super::common::unit::{DAY, HOUR, MINUTE, SECOND};
use super::property::{cases, check};

const EVENTS: [&str; 3] = ["a", "b", "c"];

/// By how much a clock can be wrong, besides a few minutes.
const WRONG: [i64; 5] = [0, 0, -1_461 * DAY, -30 * DAY, 30 * DAY];
const FEW: [i64; 4] = [0, 0, -14 * MINUTE, 14 * MINUTE];

#[derive(Debug, Clone, Copy)]
enum Act {
    Record(usize),
    /// An event happens on the peer, and the phone may merge it at once.
    PeerRecords(usize, bool),
    Merge,
    Wait(i64),
    /// Sets the clock, so that it is wrong by one of `WRONG` and one of `FEW`.
    Set(usize, usize),
    PersistDaily,
    Restart,
    OtherUnits,
    ImportOwn,
    NewIdentity,
    /// Nothing happens for some seconds.
    Settle,
    /// Waits until a refusal is over.
    WaitFor(usize, i64),
}

fn act() -> impl Strategy<Value = Act> {
    let waits = prop_oneof![0..MINUTE, 0..HOUR, 0..2 * DAY];
    prop_oneof![
        6 => (0..3usize).prop_map(Act::Record),
        4 => (0..3usize, any::<bool>()).prop_map(|(event, merges)| Act::PeerRecords(event, merges)),
        1 => Just(Act::Merge),
        4 => waits.prop_map(Act::Wait),
        3 => (0..WRONG.len(), 0..FEW.len()).prop_map(|(wrong, few)| Act::Set(wrong, few)),
        1 => Just(Act::PersistDaily),
        1 => Just(Act::Restart),
        1 => Just(Act::OtherUnits),
        1 => Just(Act::ImportOwn),
        1 => Just(Act::NewIdentity),
        4 => Just(Act::Settle),
        2 => (0..3usize, prop_oneof![Just(MINUTE), Just(3 * HOUR), Just(5 * DAY)])
            .prop_map(|(event, span)| Act::WaitFor(event, span)),
    ]
}

struct Life {
    dir: TempDir,
    clocks: [TestClock; 2],
    /// The true time, and by how much the phone's clock is ahead of it: by years or days, and by
    /// minutes.
    truth: i64,
    wrong: i64,
    few: i64,
    large_corrections: usize,
    small_corrections: i64,
    tracks_others: bool,
    phone: Option<EventStore>,
    peer: EventStore,
    /// When each event last happened on the peer, and as far as the phone knows.
    on_peer: [Option<i64>; 3],
    known: [Option<i64>; 3],
    compared: usize,
}

impl Life {
    fn begin(peer_ahead: i64) -> Life {
        let beginning = instant("2026-03-01T12:00:00Z");
        let clocks = [0, peer_ahead].map(|ahead| clock_at(beginning + Duration::milliseconds(ahead)));
        let mut life = Life {
            dir: tempfile::tempdir().unwrap(),
            truth: clocks[0].unix_millis(),
            peer: in_memory(&clocks[1]),
            clocks,
            wrong: 0,
            few: 0,
            large_corrections: 0,
            small_corrections: 0,
            tracks_others: false,
            phone: None,
            on_peer: [None; 3],
            known: [None; 3],
            compared: 0,
        };
        life.open();
        // A store that has counted nothing does not store its clock.
        life.take(Act::Record(0));
        life
    }

    fn phone(&self) -> &EventStore {
        self.phone.as_ref().unwrap()
    }

    fn open(&mut self) {
        self.phone = None;
        let builder = EventStore::builder().with_clock(Arc::new(self.clocks[0].clone()));
        let builder = builder.with_zone(Zone::utc()).with_log(self.dir.path().join("log"));
        let builder = builder.with_identity(self.dir.path().join("token"));
        let other = self.tracks_others;
        let builder = if other { builder.track_days(100).track_hours(5) } else { builder };
        self.phone = Some(builder.build().unwrap());
        let _ = self.phone().health();
    }

    fn wait(&mut self, millis: i64) {
        self.clocks.iter().for_each(|clock| clock.advance(Duration::milliseconds(millis)));
        self.truth += millis;
    }

    fn take(&mut self, act: Act) {
        match act {
            Act::Record(event) => {
                self.phone().record(EVENTS[event]);
                self.known[event] = Some(self.truth);
            }
            Act::PeerRecords(event, merges) => {
                self.peer.record(EVENTS[event]);
                self.on_peer[event] = Some(self.truth);
                if merges {
                    self.take(Act::Merge);
                }
            }
            Act::Merge => {
                self.phone().merge_bytes(&self.peer.export_bytes().unwrap()).unwrap();
                for (known, happened) in self.known.iter_mut().zip(self.on_peer) {
                    *known = (*known).max(happened);
                }
            }
            Act::Wait(millis) => self.wait(millis),
            Act::Set(wrong, few) => self.set(WRONG[wrong], FEW[few]),
            Act::PersistDaily => {
                for _ in 0..4 {
                    self.phone().persist().unwrap();
                    self.wait(DAY);
                }
            }
            Act::Restart => self.open(),
            Act::OtherUnits => {
                self.tracks_others ^= true;
                self.open();
            }
            Act::ImportOwn => self.phone().import_all(self.phone().export_all().unwrap()).unwrap(),
            Act::NewIdentity => {
                self.phone = None;
                std::fs::remove_file(self.dir.path().join("token")).unwrap();
                self.open();
            }
            Act::Settle => self.settle(),
            Act::WaitFor(event, span) => self.wait_for(EVENTS[event], span),
        }
        self.opens_no_limit(act);
    }

    fn set(&mut self, wrong: i64, few: i64) {
        let correction = (wrong + few - self.wrong - self.few).abs();
        self.large_corrections += usize::from(correction > 15 * MINUTE);
        self.small_corrections += if correction > 15 * MINUTE { 0 } else { correction };
        (self.wrong, self.few) = (wrong, few);
        let shown = chrono::DateTime::from_timestamp_millis(self.truth + wrong + few).unwrap();
        self.clocks[0].set(shown);
        let _ = self.phone().health();
    }

    fn passes(&self, event: &str, cooldown: i64) -> bool {
        self.phone().limit().cooldown(event, Duration::milliseconds(cooldown)).allowed(event)
    }

    /// After a while in which nothing happens, a short cooldown passes. It can refuse once more
    /// when the clock passes a recorded time, so a second try decides.
    fn settle(&mut self) {
        self.wait(11 * SECOND);
        let mut refused = EVENTS.to_vec();
        refused.retain(|event| !self.passes(event, 10 * SECOND));
        self.wait(25 * SECOND);
        refused.retain(|event| !self.passes(event, 10 * SECOND));
        assert!(refused.is_empty(), "nothing happened, but a cooldown refuses {refused:?}");
        self.compared += 1;
    }

    /// A refusal ends exactly when it says, if nothing happens.
    fn wait_for(&mut self, event: &str, span: i64) {
        let limit = || self.phone().limit().cooldown(event, Duration::milliseconds(span));
        let Err(error) = limit().check(event) else { return };
        let wait = error.as_limit_exceeded().unwrap().retry_after.unwrap().num_milliseconds();
        self.wait(wait - 1);
        assert!(!self.passes(event, span), "{event} passes before the end of {wait} ms");
        self.wait(1);
        assert!(self.passes(event, span), "{event} refuses after {wait} ms");
        self.compared += 1;
    }

    /// A limit opens no earlier than the clock's errors of some minutes explain. A clock that is
    /// ahead looks like time that passed, and an event has room for few cells.
    fn opens_no_limit(&mut self, act: Act) {
        if self.wrong > 0 || self.large_corrections > 3 {
            return;
        }
        let slack = self.small_corrections + 30 * MINUTE;
        for (event, known) in EVENTS.iter().zip(self.known) {
            let since = known.map_or(i64::MAX, |known| self.truth - known);
            for span in [2 * HOUR, 7 * DAY].into_iter().filter(|span| since < span - slack) {
                assert!(!self.passes(event, span), "{event} happened {since} ms ago, after {act:?}");
                self.compared += 1;
            }
        }
    }
}

#[test]
fn steps_open_no_limit_and_block_none_whatever_happens_to_the_cells() {
    let cases = cases(400, 20_000);
    let input = (prop_oneof![Just(0), Just(10 * MINUTE), Just(2 * DAY)], prop::collection::vec(act(), 1..24));
    let compared = check(cases, input, |(peer_ahead, acts)| {
        let mut life = Life::begin(peer_ahead);
        acts.iter().for_each(|act| life.take(*act));
        life.compared
    });
    assert!(compared > cases as usize * 10, "only {compared} answers were compared");
}
