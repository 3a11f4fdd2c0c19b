//! The recorded actions that the phones replay.

use chrono::{DateTime, Datelike, FixedOffset, Utc};
use tiny_counter::Zone;

use super::Fallible;

const TRACE: &str = include_str!("../../../tests/fixtures/usage-trace.csv");

/// One action of one person: its local time, the device, and its kind.
#[derive(Debug, Clone)]
pub struct Action {
    pub at: DateTime<FixedOffset>,
    pub device: &'static str,
    pub kind: &'static str,
}

impl Action {
    pub fn instant(&self) -> DateTime<Utc> {
        self.at.to_utc()
    }

    pub fn year(&self) -> i32 {
        self.at.year()
    }

    pub fn month(&self) -> u32 {
        self.at.month()
    }
}

/// The actions of some devices, in the order in which they happened.
pub fn actions(devices: &[&str]) -> Fallible<Vec<Action>> {
    let all: Fallible<Vec<Action>> = TRACE.lines().skip(1).map(action).collect();
    Ok(all?.into_iter().filter(|action| devices.contains(&action.device)).collect())
}

fn action(line: &'static str) -> Fallible<Action> {
    match line.split(',').collect::<Vec<_>>().as_slice() {
        [at, device, kind] => Ok(Action { at: DateTime::parse_from_rfc3339(at)?, device, kind }),
        _ => Err(format!("this line is not an action: {line}").into()),
    }
}

/// The time zone of a device as a table of transitions: instants, and the UTC offset from then on.
/// A real app reads the table from the platform. Here it is derived from the actions.
pub fn zone(actions: &[Action], device: &str) -> Fallible<Zone> {
    let mut initial = None;
    let mut transitions = Vec::new();
    let mut before: Option<&Action> = None;
    for action in actions.iter().filter(|action| action.device == device) {
        let offset = action.at.offset().local_minus_utc();
        match before {
            None => initial = Some(offset),
            Some(before) if before.at.offset() != action.at.offset() => {
                let halfway = before.instant() + (action.at - before.at) / 2;
                transitions.push((halfway.timestamp_millis(), offset));
            }
            Some(_) => {}
        }
        before = Some(action);
    }
    Ok(Zone::table(initial.ok_or("a device has no actions")?, transitions)?)
}

/// The UTC offset of the last action of a device.
pub fn last_offset(actions: &[Action], device: &str) -> Option<FixedOffset> {
    actions.iter().rev().find(|action| action.device == device).map(|action| *action.at.offset())
}
