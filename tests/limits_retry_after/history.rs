//! What happened before a limit is checked, and the checks of its refusals.

use chrono::Duration;
use proptest::prelude::*;
use tiny_counter::{Clock, Error, EventStore, Limit, TestClock};

use super::rule::EVENTS;
use crate::common::phone::at_millis;
use crate::common::stores::{clock_at, under};
use crate::common::unit::{DAY, HOUR, MINUTE};
use crate::common::zone::zones;

/// 2026-03-07T21:30:00.123Z: the night before the clocks change in New York.
const BEGINNING: i64 = 1_772_919_000_123;

/// One step. Times are in milliseconds; events and zones are indices.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    Record(usize, u32),
    Past(usize, i64),
    Wait(i64),
    ClockBack(i64),
    Fly(usize),
    /// A stored reservation, which expires.
    Hold(usize, i64),
    /// Another device, whose clock is `ahead` of ours, records in its zone and we merge its export.
    Merge {
        event: usize,
        ahead: i64,
        zone: usize,
    },
}

fn span() -> impl Strategy<Value = i64> {
    prop_oneof![
        0..20 * MINUTE,
        0..5 * HOUR,
        0..3 * DAY,
        0..60 * DAY,
        (0..50i64).prop_map(|n| n * HOUR),
        Just(3_652 * DAY)
    ]
}

pub fn deed() -> impl Strategy<Value = Deed> {
    let event = 0..2usize;
    prop_oneof![
        6 => (event.clone(), 1..4u32).prop_map(|(event, count)| Deed::Record(event, count)),
        2 => (event.clone(), span()).prop_map(|(event, ago)| Deed::Past(event, ago)),
        6 => span().prop_map(Deed::Wait),
        2 => span().prop_map(Deed::ClockBack),
        1 => (0..9usize).prop_map(Deed::Fly),
        1 => (event.clone(), span()).prop_map(|(event, length)| Deed::Hold(event, length + 1)),
        2 => (event, span(), any::<bool>(), 0..9usize).prop_map(|(event, span, fast, zone)| {
            Deed::Merge { event, ahead: if fast { span } else { -span }, zone }
        }),
    ]
}

/// How many rules refused, with a `retry_after` and without one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Refusals {
    pub ending: usize,
    pub endless: usize,
}

pub struct History {
    clock: TestClock,
    store: EventStore,
}

/// What is expected of a limit at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Probe {
    at: i64,
    limit: usize,
    passes: bool,
}

impl History {
    pub fn begin(zone: usize) -> History {
        let clock = clock_at(at_millis(BEGINNING));
        let store = under(&clock).with_zone(zones()[zone].public()).with_marker(EVENTS[1]).build().unwrap();
        History { clock, store }
    }

    pub fn take(&self, deed: Deed) {
        let millis = Duration::milliseconds;
        match deed {
            Deed::Record(event, count) => self.store.record_count(EVENTS[event], count),
            Deed::Past(event, ago) => self.store.record_ago(EVENTS[event], millis(ago)),
            Deed::Wait(span) => self.clock.advance(millis(span)),
            // Less is not seen: the store reads it as the latest instant.
            Deed::ClockBack(span) => self.clock.advance(-millis(span + 1_001)),
            Deed::Hold(event, length) => {
                self.store.limit().reserve_for(EVENTS[event], millis(length)).unwrap();
            }
            Deed::Fly(zone) => self.store.set_zone(zones()[zone].public()),
            Deed::Merge { event, ahead, zone } => {
                let other = History::begin(zone);
                other.clock.set(self.clock.now() + millis(ahead));
                other.store.record(EVENTS[event]);
                self.store.merge_bytes(&other.store.export_bytes().unwrap()).unwrap();
            }
        }
        // Makes the store read the clock.
        let _ = self.store.health();
    }

    /// How long a limit refuses by its own account; `None` if it passes or cannot be counted.
    fn refusal(&self, limit: &Limit) -> Option<Option<i64>> {
        let checked = match self.store.prepare(limit.clone()) {
            Ok(prepared) => prepared.check("z"),
            Err(error) => Err(error),
        };
        match checked {
            Ok(()) | Err(Error::ConfigMismatch(_)) => None,
            Err(error) => {
                let refusal = error.as_limit_exceeded().unwrap_or_else(|| panic!("{error}"));
                let all = refusal.all();
                if limit.constraints().len() == 1 {
                    let is_custom = error.to_string().contains("when it passes is not known");
                    assert!(is_custom || refusal.allowed_after() == refusal.retry_after, "{error}");
                }
                // No rule of the limit can pass later than the limit.
                let allowed = refusal.allowed_after();
                let passes_by = |wait: Option<Duration>| wait.is_some_and(|wait| Some(wait) <= allowed);
                let by_itself = all.iter().all(|refusal| passes_by(refusal.retry_after));
                assert!(allowed.is_none() || by_itself, "{error}");
                Some(allowed.map(|wait| wait.num_milliseconds()))
            }
        }
    }

    /// Moves the clock on, and checks every limit that refused: at its `allowed_after`, just before
    /// that, and at some instants in between. Without one it refuses for `endless` milliseconds.
    pub fn ends_at_allowed_after(
        &self,
        limits: &[Limit],
        pending: usize,
        samples: &[f64],
        endless: i64,
    ) -> Refusals {
        let event = EVENTS[pending % 2];
        let reserve = |_| self.store.limit().reserve(event).unwrap();
        let reserved: Vec<_> = (0..pending).map(reserve).collect();
        let now = self.clock.unix_millis();
        let mut probes = Vec::new();
        let mut refusals = Refusals::default();
        for (limit, asked) in limits.iter().enumerate() {
            let Some(allowed_after) = self.refusal(asked) else { continue };
            let mut probe = |wait: i64, passes| probes.push(Probe { at: now + wait, limit, passes });
            let wait = allowed_after.unwrap_or(endless);
            assert!(wait > 0, "{asked:?} has a wait of {wait}");
            let between = samples.iter().map(|part| (wait as f64 * part) as i64);
            let just_before = [1, 1_000, MINUTE, HOUR, DAY].map(|less| wait - less);
            between.chain(just_before).filter(|wait| *wait > 0).for_each(|wait| probe(wait, false));
            match allowed_after {
                Some(wait) => {
                    probe(wait, true);
                    refusals.ending += 1;
                }
                None => {
                    [1, HOUR, DAY, 8 * DAY, 62 * DAY, 370 * DAY]
                        .into_iter()
                        .for_each(|wait| probe(wait, false));
                    refusals.endless += 1;
                }
            }
        }
        probes.sort_unstable();
        for Probe { at, limit, passes } in probes {
            self.clock.advance(at_millis(at) - self.clock.now());
            let verdict = self.refusal(&limits[limit]);
            let when = format!("{:?} after {} ms, now {verdict:?}", limits[limit], at - now);
            assert_eq!(verdict.is_none(), passes, "{when}");
        }
        drop(reserved);
        refusals
    }
}
