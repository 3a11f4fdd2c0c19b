//! A reader that knows `docs/format.md` only: it reads exports, sync states, counters and logs that
//! the library wrote, and gives the same answers.

#![cfg(all(feature = "storage-fs", feature = "serde-bincode", feature = "calendar"))]
#![allow(clippy::restriction, clippy::pedantic)]

mod bits;
mod bytes;
mod cell;
#[path = "../common/mod.rs"]
mod common;
mod digests;
mod export;
mod life;
mod log;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bytes::payload;
use cell::{Cell, bucket, counter, counting};
use digests::{blocks, digests};
use export::{Export, export, sync_state};
use life::{Device, Life};
use log::{LISTS, log};
use tiny_counter::Formatter;
use tiny_counter::formatter::BincodeFormat;

type Events = BTreeMap<String, Vec<Cell>>;

fn exported(device: &Device) -> Export {
    export(&device.store().export_bytes().unwrap())
}

/// Compares cell by cell, so that a failure shows only what differs.
fn assert_same(left: &Events, right: &Events) {
    let cells = |events: &Events| -> Vec<(String, Cell)> {
        let cells = |(name, cells): (&String, &Vec<Cell>)| -> Vec<(String, Cell)> {
            cells.iter().map(|cell| (name.clone(), cell.clone())).collect()
        };
        events.iter().flat_map(cells).collect()
    };
    let (left, right) = (cells(left), cells(right));
    for (left, right) in left.iter().zip(&right) {
        assert_eq!(left, right);
    }
    assert_eq!(left.len(), right.len());
}

/// The cells in `export_all`, read from the bytes of each counter.
fn counters(device: &Device) -> Events {
    let counters = device.store().export_all().unwrap();
    let cells = |one| {
        let bytes = BincodeFormat.serialize(one).unwrap();
        let mut payload = payload(&bytes, b"TCc\n", "");
        let (_, cells) = counter(&mut payload);
        assert!(payload.0.is_empty());
        cells
    };
    let events = counters.iter().map(|(name, one)| (name.clone(), cells(one)));
    events.filter(|(_, cells)| !cells.is_empty()).collect()
}

/// Lives of several seeds. Checks each device a few times.
fn lives(is_wild: bool, mut check: impl FnMut(&Life, &Device) -> usize) -> usize {
    let mut checks = 0;
    for seed in 0..12 {
        let mut life = Life::new(seed);
        for step in 1..=160 {
            life.step(is_wild);
            if step % 40 == 0 {
                checks += life.devices.iter().map(|device| check(&life, device)).sum::<usize>();
            }
        }
    }
    checks
}

#[test]
fn exports_counters_and_logs_hold_the_same_cells() {
    for is_wild in [false, true] {
        let checks = lives(is_wild, |_, device| {
            device.store().persist().unwrap();
            // An export can change what the background writes next.
            let log = log(&fs::read(device.folder().join("events.log")).unwrap());
            let export = exported(device);
            let counters = counters(device);
            assert_same(&aged(export.events.clone(), &counters), &counters);
            assert_same(&aged(log.events(), &counters), &counters);
            assert!([log.len, log.len - log.last_mark_len].contains(&log.synced));
            export.events.values().map(Vec::len).sum()
        });
        assert!(checks > 400, "{checks} cells");
    }
}

/// Events without the buckets and beginnings that their cells in `after` do not have any more: a
/// store drops what is too old when it persists, and does not write an event again for that.
fn aged(mut events: Events, after: &Events) -> Events {
    for (name, cells) in &mut events {
        for cell in cells {
            let of_event = after.get(name).into_iter().flatten();
            let Some(later) =
                of_event.filter(|one| one.stamp == cell.stamp).find(|one| one.birth == cell.birth)
            else {
                continue;
            };
            for series in &mut cell.counts.series {
                let later = later.counts.series.iter().find(|one| one.unit == series.unit);
                series.buckets.truncate(later.map_or(0, |later| later.buckets.len()));
                series.beginning =
                    series.beginning.filter(|_| later.is_some_and(|one| one.beginning.is_some()));
            }
            cell.counts.series.retain(|series| !series.buckets.is_empty());
        }
    }
    events
}

#[test]
fn the_cells_give_the_answers_of_the_store() {
    let checks = lives(false, |life, device| {
        let (store, now) = (device.store(), life.now().timestamp_millis());
        let events = exported(device).events;
        let names: BTreeSet<String> = events.keys().cloned().collect();
        assert_eq!(names, store.events().into_iter().collect());
        for (name, cells) in &events {
            let cells = counting(cells);
            let lifetime = cells.iter().map(|cell| cell.counts.lifetime).sum();
            assert_eq!(store.query(name).lifetime(), Some(lifetime), "{name}");
            let query = || store.query(name);
            let offset = device.zone.offset_at(now).into();
            let answers = [
                (1, query().last_minutes(60).into_buckets()),
                (2, query().last_hours(72).into_buckets()),
                (3, query().last_days(56).into_buckets()),
                (4, query().last_weeks(52).into_buckets()),
                (5, query().last_months(12).into_buckets()),
                (6, query().last_years(4).into_buckets()),
            ];
            for (unit, answer) in answers {
                let today = bucket(unit, now, offset);
                let mut truth = vec![0; answer.len()];
                let series = cells.iter().flat_map(|cell| &cell.counts.series);
                for (number, count) in series.filter(|one| one.unit == unit).flat_map(|one| &one.buckets) {
                    // A date that has not begun here is today.
                    if let Some(sum) = truth.get_mut(usize::try_from(today - number).unwrap_or(0)) {
                        *sum += u32::try_from(*count).unwrap();
                    }
                }
                assert_eq!(answer, truth, "{name} by unit {unit}");
            }
            let seen = || cells.iter().filter_map(|cell| cell.counts.seen);
            let ago = |at: Option<i64>| at.map(|at| chrono::Duration::milliseconds(now - at));
            assert_eq!(query().first_seen(), ago(seen().map(|seen| seen.first).min()), "{name}");
            assert_eq!(query().last_seen(), ago(seen().map(|seen| seen.last).max()), "{name}");
        }
        events.len()
    });
    assert!(checks > 200, "{checks} events");
}

#[test]
fn the_log_says_of_each_lane_what_an_export_says() {
    let mut reservations = 0;
    let checks = lives(true, |_, device| {
        device.store().persist().unwrap();
        let Export { lanes, .. } = exported(device);
        let log = log(&fs::read(device.folder().join("events.log")).unwrap());
        let record = log.record();
        assert_eq!(LISTS.map(|list| log.pages(list).len() as u64), record.pages);
        // Those that expired are not listed any more.
        assert!(log.reservations().len() >= device.store().reservations().len());
        reservations += log.reservations().len();
        let births = lanes.iter().flat_map(|part| part.births.iter().map(|birth| (part.lane, *birth)));
        assert_eq!(log.erased().into_iter().collect::<BTreeSet<_>>(), births.collect());
        for (lane, claim, is_forked, _) in log.claims() {
            let part = lanes.iter().find(|part| part.lane == lane);
            let told = part.map(|part| (part.claim.clone(), part.is_forked)).unwrap_or_default();
            assert_eq!(told, (claim, is_forked));
        }
        for (lane, _, erased) in log.lanes() {
            let part = lanes.iter().find(|part| part.lane == lane);
            assert_eq!(part.map(|part| part.erased.clone()).unwrap_or_default(), erased);
        }
        let own = lanes.iter().find(|part| Some(part.lane) == record.lane);
        let last = (record.counted, record.opening);
        assert!(own.is_none_or(|part| last.0 == 0 || part.claim.has(last)), "{own:?} {record:?}");
        lanes.len()
    });
    assert!(checks > 400 && reservations > 20, "{checks} lanes, {reservations} reservations");
}

#[test]
fn a_sync_state_says_what_an_export_has() {
    let checks = lives(true, |_, device| {
        device.store().persist().unwrap();
        let (basis, state) = sync_state(&device.store().knowledge().unwrap());
        let record = log(&fs::read(device.folder().join("events.log")).unwrap()).record();
        assert_eq!(basis, (record.epoch, record.last, record.opening.into()));
        let Export { lanes, events, .. } = exported(device);
        let known = |lane| state.lanes.iter().find(|known| known.lane == lane);
        for cell in events.values().flatten() {
            let known = known(cell.lane).unwrap();
            // Of a forked lane some may be left out. They are only sent again.
            if known.digests.is_some() {
                continue;
            }
            assert!(known.claim.has(cell.stamp) || known.beside.contains(&cell.stamp), "{cell:?} {known:?}");
        }
        for part in &lanes {
            let Some(known) = known(part.lane) else {
                assert!(part.births.is_empty());
                continue;
            };
            assert_eq!((&part.claim, &part.erased), (&known.claim, &known.erased));
            assert_eq!(blocks(part), known.blocks);
            assert_eq!(part.is_forked, known.digests.is_some());
            if let Some((first, second)) = known.digests {
                assert_eq!(digests(known, &events, state.horizon), (first, second));
            }
        }
        lanes.len()
    });
    assert!(checks > 400, "{checks} lanes");
}

#[test]
fn parts_in_any_order_hold_what_the_whole_export_holds() {
    let mut parts_read = 0;
    lives(true, |_, device| {
        // An export on another date drops buckets that are too old, for the next one.
        device.store().persist().unwrap();
        let whole = exported(device);
        let parts: Vec<Export> =
            device.store().export_parts(400).unwrap().iter().map(|part| export(part)).collect();
        let (mut events, mut births) = (Events::new(), BTreeSet::new());
        for (index, part) in parts.iter().enumerate() {
            let number = parts[0].part.map(|(_, _, number)| number);
            let is = number.map(|number| (parts.len() as u64, index as u64, number));
            assert_eq!((part.part, part.basis), (is, whole.basis));
            for (name, cells) in &part.events {
                events.entry(name.clone()).or_default().extend(cells.clone());
            }
            births.extend(part.lanes.iter().flat_map(|lane| lane.births.iter().map(|one| (lane.lane, *one))));
            for lane in &part.lanes {
                let other = whole.lanes.iter().find(|other| other.lane == lane.lane).unwrap();
                assert_eq!(
                    (lane.is_forked, &lane.claim, &lane.erased),
                    (other.is_forked, &other.claim, &other.erased)
                );
            }
        }
        events.values_mut().for_each(|cells| cells.sort_by_key(|cell| (cell.lane, cell.birth)));
        assert_same(&events, &whole.events);
        let all = whole.lanes.iter().flat_map(|lane| lane.births.iter().map(|one| (lane.lane, *one)));
        assert_eq!(births, all.collect());
        parts_read += parts.len();
        1
    });
    assert!(parts_read > 400, "{parts_read} parts");
}

#[test]
fn news_are_the_cells_that_the_sync_state_does_not_have() {
    let checks = lives(false, |life, device| {
        let mut checks = 0;
        device.store().persist().unwrap();
        for other in &life.devices {
            let known = other.store().knowledge().unwrap();
            let (basis, state) = sync_state(&known);
            let news = export(&device.store().export_since(&known).unwrap());
            assert_eq!(news.basis, Some(basis));
            let mut whole = exported(device).events;
            let is_known = |cell: &Cell| {
                let known = state.lanes.iter().find(|known| known.lane == cell.lane);
                known.is_some_and(|known| {
                    let is_claimed = known.claim.has(cell.stamp) || known.beside.contains(&cell.stamp);
                    is_claimed || known.erased.has(cell.birth)
                })
            };
            whole.values_mut().for_each(|cells| cells.retain(|cell| !is_known(cell)));
            whole.retain(|_, cells| !cells.is_empty());
            assert_same(&news.events, &whole);
            checks += whole.len();
        }
        checks
    });
    assert!(checks > 100, "{checks} events");
}
