//! What happened before a limit is checked, and the checks of its refusals.

use chrono::Duration;
use proptest::prelude::*;
use tiny_counter::{Clock, Error, EventStore, TestClock};

use super::rule::{EVENTS, Rule};
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

/// What is expected of a rule at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Probe {
    at: i64,
    rule: usize,
    passes: bool,
}

impl History {
    pub fn begin(zone: usize) -> History {
        let clock = clock_at(at_millis(BEGINNING));
        let store = under(&clock).with_zone(zones()[zone].public()).build().unwrap();
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

    /// The `retry_after` of a rule if it refuses; `None` if it passes or cannot be counted.
    fn refusal(&self, rule: Rule) -> Option<Option<i64>> {
        match rule.add_to(self.store.limit()).check("z") {
            Ok(()) | Err(Error::ConfigMismatch(_)) => None,
            Err(error) => {
                let refusal = error.as_limit_exceeded().unwrap_or_else(|| panic!("{error}"));
                assert_eq!(refusal.all().len(), 1);
                Some(refusal.retry_after.map(|wait| wait.num_milliseconds()))
            }
        }
    }

    /// Moves the clock on, and checks every rule that refused: at its `retry_after`, just before
    /// that, and at some instants in between.
    pub fn ends_at_retry_after(&self, rules: &[Rule], pending: usize, samples: &[f64]) -> Refusals {
        let event = EVENTS[pending % 2];
        let reserve = |_| self.store.limit().reserve(event).unwrap();
        let reserved: Vec<_> = (0..pending).map(reserve).collect();
        let now = self.clock.unix_millis();
        let mut probes = Vec::new();
        let mut refusals = Refusals::default();
        for (rule, asked) in rules.iter().enumerate() {
            let Some(retry_after) = self.refusal(*asked) else { continue };
            let mut probe = |wait: i64, passes| probes.push(Probe { at: now + wait, rule, passes });
            // Without a `retry_after` it refuses for years.
            let wait = retry_after.unwrap_or(4_000 * DAY);
            assert!(wait > 0, "{asked:?} has a retry_after of {wait}");
            let between = samples.iter().map(|part| (wait as f64 * part) as i64);
            let just_before = [1, 1_000, MINUTE, HOUR, DAY].map(|less| wait - less);
            between.chain(just_before).filter(|wait| *wait > 0).for_each(|wait| probe(wait, false));
            match retry_after {
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
        for Probe { at, rule, passes } in probes {
            self.clock.advance(at_millis(at) - self.clock.now());
            let verdict = self.refusal(rules[rule]);
            let when = format!("{:?} after {} ms, now {verdict:?}", rules[rule], at - now);
            assert_eq!(verdict.is_none(), passes, "{when}");
        }
        drop(reserved);
        refusals
    }
}
