//! The recorded actions of `tests/fixtures/usage-trace.csv`.

use std::sync::OnceLock;

use chrono::DateTime;

use super::zone::LocalZone;

pub const EVENTS: [&str; 7] = ["merge", "deps", "fix", "test", "docs", "release", "change"];

/// One action: when, on which device, how far its local clock was ahead of UTC, and what.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Seconds east of UTC.
    pub offset: i32,
    /// 1 to 12, or 99.
    pub device: u32,
    pub event: &'static str,
}

/// All rows, in the order of their instants.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let text = include_str!("../fixtures/usage-trace.csv");
        let rows: Vec<Row> = text.lines().skip(1).map(parse).collect();
        assert!(rows.is_sorted_by_key(|row| row.at));
        rows
    })
}

fn parse(line: &str) -> Row {
    let [at, device, event] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
    let at = DateTime::parse_from_rfc3339(at).unwrap();
    Row {
        at: at.timestamp_millis(),
        offset: at.offset().local_minus_utc(),
        device: device.strip_prefix('d').unwrap().parse().unwrap(),
        event: EVENTS.into_iter().find(|known| *known == event).unwrap(),
    }
}

/// The rows of one device.
pub fn rows_of(device: u32) -> Vec<Row> {
    rows().iter().copied().filter(|row| row.device == device).collect()
}

/// The rows of some devices, in the order of their instants.
pub fn rows_of_all(devices: &[u32]) -> Vec<Row> {
    rows().iter().copied().filter(|row| devices.contains(&row.device)).collect()
}

/// The zone that explains the offsets of one device's rows: it changes halfway between two rows.
pub fn zone_of(rows: &[Row]) -> LocalZone {
    let mut zone = LocalZone::fixed(rows[0].offset);
    for pair in rows.windows(2) {
        if pair[0].offset != pair[1].offset {
            zone.transitions.push(((pair[0].at + pair[1].at) / 2, pair[1].offset));
        }
    }
    zone
}
