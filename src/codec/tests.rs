//! Encoded values decode again, and malformed bytes are rejected.

use proptest::prelude::*;

use super::event::LocalPart;
use super::page::CoverageRecord;
use super::*;
use crate::bounds::{MAX_IMPORTS, MAX_NAME_BYTES, MAX_PAGES, MAX_RESERVED_STAMP};
use crate::counter::cell::Cell;
use crate::counter::coverage::Coverage;
use crate::counter::tracking::Tracking;
use crate::counter::varint;
use crate::time::bucket::Numbers;

fn sample() -> SingleEventCounter {
    let body = Body::checked(vec![1, 0, 0, 1, 3, 7, 2, 1, 0].into()).unwrap();
    let replaced =
        ReplacedCell { key: CellKey { lane: LaneId([1; 16]), birth: Stamp::new(5, 1) }, was: Was::Erased };
    let cell = |lane| LaneCell {
        lane: LaneId([lane; 16]),
        birth: Stamp::new(7, 8),
        stamp: Stamp::new(300, 9),
        replaced: Replaced::new(vec![replaced]),
        body: body.clone(),
    };
    SingleEventCounter { own: Some(LaneId([1; 16])), cells: vec![cell(1), cell(2)] }
}

/// Decodes a whole message.
fn message(bytes: &[u8]) -> Decoded<Message> {
    let received = Received::check(bytes)?;
    let incoming = Incoming::Received(&received);
    let events = || {
        let mut events = Vec::new();
        incoming.each_event(|name, cells| {
            events.push((name.to_owned(), SingleEventCounter { own: None, cells: cells.collect() }));
        });
        events
    };
    // First those that were kept, then those that are decoded again.
    let (kept, events) = (events(), events());
    assert_eq!(kept, events);
    let (basis, section) = (incoming.basis(), incoming.section());
    Ok(Message { basis, section, lanes: incoming.parts().collect(), events })
}

#[test]
fn a_counter_and_a_message_decode_again_and_truncated_bytes_are_rejected() {
    let mut bytes = Vec::new();
    put_counter(&sample(), &mut bytes);
    assert_eq!(counter(&bytes).unwrap(), sample());
    let sent = Message {
        basis: Some(Basis { epoch: 7, stamp: Stamp::new(8, 9) }),
        section: Some(Section { export: 3, index: 1, count: 2 }),
        lanes: vec![LanePart {
            is_forked: true,
            claim: Coverage { floor: 2, openings: vec![(8, 300), (9, 7)] },
            erased: Coverage { floor: 1, openings: Vec::new() },
            births: vec![Stamp::new(4, 8), Stamp::new(5, 9)],
            ..LanePart::new(LaneId([1; 16]))
        }],
        events: vec![("a".into(), sample()), ("b".into(), sample())],
    };
    let mut long = Vec::new();
    put_message(&sent, &mut long);
    assert_eq!(message(&long).unwrap(), sent);
    for cut in 0..long.len() {
        assert!(message(&long[..cut]).is_err(), "cut at {cut}");
    }
    for cut in 0..bytes.len() {
        assert!(counter(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_table_with_a_lane_or_an_opening_that_nothing_names_is_rejected() {
    let lane = [vec![1], vec![7; 16]].concat();
    let unused_lane = [&[0, 0][..], &lane, &[0], &[0, 0]].concat();
    assert!(message(&unused_lane).is_err());
    // One lane part with a claim of opening 9 up to 3; opening 10 stays unused.
    let part = |openings: &[u8]| [&[0, 0][..], &lane, openings, &[1, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0]].concat();
    assert!(message(&part(&[1, 9, 0, 0, 0])).is_ok());
    assert!(message(&part(&[2, 9, 0, 0, 0, 10, 0, 0, 0])).is_err());
    // Nothing was issued, and nothing is too old.
    let basis = [0; 11];
    assert!(sync_state(&[&basis[..], &[0, 0]].concat()).is_ok());
    assert!(sync_state(&[&basis[..], &lane, &[0], &[0]].concat()).is_err());
}

#[test]
fn false_lengths_are_rejected_without_an_allocation() {
    let mut bytes = Vec::new();
    put(&CounterHead { own: None, cells: u64::MAX }, &mut bytes);
    assert!(counter(&bytes).is_err());
    for zeros in 0..5 {
        let mut bytes = vec![0; zeros];
        varint::put(&mut bytes, u64::MAX);
        assert!(message(&bytes).is_err());
        assert!(sync_state(&bytes).is_err());
    }
}

#[test]
fn a_sync_state_decodes_again_and_truncated_bytes_are_rejected() {
    let state = SyncState {
        basis: Basis { epoch: 7, stamp: Stamp::default() },
        horizon: Some(-5),
        lanes: vec![KnownLane {
            claim: Coverage { floor: 2, openings: vec![(8, 300)] },
            beside: vec![Stamp::new(4, 8)],
            digests: Some([5, 6]),
            erased: Coverage { floor: 1, openings: vec![(9, 7)] },
            blocks: vec![(1, 2), (3, 4)],
            ..KnownLane::new(LaneId([1; 16]))
        }],
    };
    let mut bytes = Vec::new();
    put_sync_state(&state, &mut bytes);
    assert_eq!(sync_state(&bytes), Ok(state));
    for cut in 0..bytes.len() {
        assert!(sync_state(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_store_record_decodes_again() {
    let record = StoreRecord {
        lane: Some([3; 16]),
        last_stamp: 9,
        counted: 8,
        sweep_due: true,
        step: Some((1, 3, 2)),
        persist_dates: [Some(1), Some(-2), None],
        imports: vec![7, u64::MAX],
        ..StoreRecord::default()
    };
    let mut bytes = Vec::new();
    put_store_record(&record, &mut bytes);
    assert_eq!(store_record(&bytes), Ok(record));
    bytes.push(0);
    assert!(store_record(&bytes).is_err());
}

#[test]
fn a_store_record_from_before_there_were_imports_decodes() {
    let mut bytes = Vec::new();
    put_store_record(&StoreRecord::default(), &mut bytes);
    assert_eq!(bytes.pop(), Some(0));
    assert_eq!(store_record(&bytes), Ok(StoreRecord::default()));
}

#[test]
fn a_store_record_with_a_value_out_of_range_is_rejected() {
    for wrong in [
        StoreRecord { last_stamp: MAX_RESERVED_STAMP + 1, ..StoreRecord::default() },
        StoreRecord { last_stamp: 3, counted: 4, ..StoreRecord::default() },
        StoreRecord { pages: [0, 0, 0, MAX_PAGES + 1], ..StoreRecord::default() },
        StoreRecord { latest: Some(i64::MAX), ..StoreRecord::default() },
        StoreRecord { step: Some((0, 0, i64::MIN)), ..StoreRecord::default() },
        StoreRecord { persist_dates: [Some(0), Some(i64::MIN), None], ..StoreRecord::default() },
        StoreRecord { losses: vec![(None, i64::MAX, 0)], ..StoreRecord::default() },
        StoreRecord { imports: vec![0; MAX_IMPORTS + 1], ..StoreRecord::default() },
    ] {
        let mut bytes = Vec::new();
        put_store_record(&wrong, &mut bytes);
        assert!(store_record(&bytes).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_page_decodes_again_and_a_value_out_of_range_is_rejected() {
    let erased = |number| {
        let mut page = Vec::new();
        put_erased_page(&[([1; 16], (number, 2))], &mut page);
        page
    };
    assert_eq!(erased_page(&erased(7)), Ok(vec![([1; 16], (7, 2))]));
    assert!(erased_page(&erased(0)).is_err());
    assert!(erased_page(&[erased(7), vec![0]].concat()).is_err());
    let issued = CoverageRecord { floor: 3, openings: vec![(1, 4)] };
    let facts = LaneRecord { lane: [1; 16], issued, legacy: Some((9, Some(4))), ..LaneRecord::default() };
    let mut page = Vec::new();
    put_lane_page(std::slice::from_ref(&facts), &mut page);
    assert_eq!(lane_page(&page), Ok(vec![facts]));
    for wrong in [vec![(1, 3)], vec![(2, 4), (1, 4)], vec![(1, MAX_STAMP + 1)]] {
        assert!(CoverageRecord { floor: 3, openings: wrong }.coverage().is_err());
    }
    let names = |name: &str| {
        let mut names = Vec::new();
        put_name_page([name].into_iter(), &mut names);
        names
    };
    assert_eq!(name_page(&names("tap")), Ok(vec!["tap"]));
    assert!(name_page(&names(&"n".repeat(MAX_NAME_BYTES + 1))).is_err());
    assert!(name_page(&[1, 1, 0xFF]).is_err(), "not a text");
}

#[test]
fn an_event_decodes_again_with_its_reservations() {
    let reserved = |number| ReservationRecord { key: 5, number, made: 7, duration: 1 };
    let stored = StoredEvent {
        local: LocalPart { reservations: vec![reserved(1), reserved(4)], ..LocalPart::default() },
        ..StoredEvent::default()
    };
    let encoded = |reservations: &[ReservationRecord]| {
        let mut bytes = Vec::new();
        put_counter(&stored.counter, &mut bytes);
        put_local(reservations, &[], &mut bytes);
        bytes
    };
    let bytes = encoded(&stored.local.reservations);
    assert_eq!(event(&bytes), Ok(stored.clone()));
    for wrong in [
        vec![reserved(4), reserved(1)],
        vec![ReservationRecord { duration: 0, ..reserved(1) }],
        vec![ReservationRecord { made: i64::MAX, ..reserved(1) }],
        (0..257).map(reserved).collect(),
    ] {
        assert!(matches!(event(&encoded(&wrong)), Err(EventError::Malformed(_))), "{wrong:?}");
    }
    let newer = [encoded(&[]), vec![5, 0]].concat();
    assert_eq!(event(&newer), Err(EventError::Newer { section: 5 }));
}

#[test]
fn an_event_decodes_again_with_what_it_counts_since_markers() {
    let tally = |number| TallyRecord { occurrence: (number, 7), count: Some(number) };
    let marker = || MarkerRecord { latest: Some(((9, 7), -5, -6)), text: Some("1.0".into()) };
    let encoded = |tallies: &[TallyRecord], marker: Option<&MarkerRecord>| {
        let mut bytes = Vec::new();
        put_counter(&SingleEventCounter::default(), &mut bytes);
        put_marked(tallies, marker, &mut bytes);
        bytes
    };
    let unknown = TallyRecord { count: None, ..tally(3) };
    let local = LocalPart {
        tallies: vec![tally(5), unknown, tally(u64::MAX >> 2)],
        marker: Some(marker()),
        ..LocalPart::default()
    };
    let stored = StoredEvent { local, ..StoredEvent::default() };
    let bytes = encoded(&stored.local.tallies, stored.local.marker.as_ref());
    assert_eq!(event(&bytes), Ok(stored));
    assert_eq!(encoded(&[], None).len(), 2, "without markers nothing is added");
    let wrong_tallies = [vec![tally(0)], vec![tally(1), tally(1)], (1..12).map(tally).collect()];
    let wrong_markers = [
        MarkerRecord { latest: Some(((0, 7), 0, 0)), ..marker() },
        MarkerRecord { latest: Some(((9, 7), i64::MAX, 0)), ..marker() },
        MarkerRecord { text: Some("x".repeat(1_025)), ..marker() },
    ];
    let tallies = wrong_tallies.iter().map(|tallies| encoded(tallies, None));
    let markers = wrong_markers.iter().map(|marker| encoded(&[], Some(marker)));
    let twice = [encoded(&[], Some(&marker())), encoded(&[], Some(&marker()))[2..].to_vec()].concat();
    for bytes in tallies.chain(markers).chain([twice]) {
        assert!(matches!(event(&bytes), Err(EventError::Malformed(_))), "{bytes:?}");
    }
}

fn recorded(counts: &[(i64, u64)]) -> Body {
    let tracking = Tracking::default();
    let mut cell = Cell::new(&tracking);
    let mut buckets: Vec<i64> = Vec::new();
    for (minute, count) in counts {
        let now = minute * 60_000;
        let numbers = Numbers::at(now, 0);
        buckets.clear();
        buckets.extend(tracking.units().iter().map(|(unit, _)| numbers.get(*unit)));
        cell.record(&tracking, &buckets, now, 0, *count);
    }
    cell.seal(&tracking)
}

proptest! {
    #[test]
    fn a_counter_has_one_encoding(
        cells in prop::collection::btree_map(
            any::<u8>(), (1..=MAX_STAMP, prop::collection::vec((0..9_999i64, 0..9u64), 0..30)), 0..4),
        own in prop::option::of(any::<u8>()),
    ) {
        let cells = cells.into_iter().map(|(lane, (stamp, counts))| {
            let stamp = Stamp::new(stamp, lane.into());
            let replaced = Replaced::default();
            LaneCell { lane: LaneId([lane; 16]), birth: stamp, stamp, replaced, body: recorded(&counts) }
        });
        let sent = SingleEventCounter { own: own.map(|lane| LaneId([lane; 16])), cells: cells.collect() };
        let mut bytes = Vec::new();
        put_counter(&sent, &mut bytes);
        let back = counter(&bytes).unwrap();
        prop_assert_eq!(&back, &sent);
        let mut again = Vec::new();
        put_counter(&back, &mut again);
        prop_assert_eq!(again, bytes);
    }
}
