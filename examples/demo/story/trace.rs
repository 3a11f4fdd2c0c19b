//! The recorded actions that the phones live through.

use chrono::{DateTime, Datelike, FixedOffset, Utc};
use tiny_counter::Zone;

use super::Fallible;

const TRACE: &str = include_str!("../../../tests/fixtures/usage-trace.csv");

/// One action of one person: when, by the clock on the wall there, and what.
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
        _ => Err(format!("not an action: {line}").into()),
    }
}

/// The local time of one device as the table that a phone's platform hands over: from which instant on its clock is how many
/// seconds ahead of UTC. Here it follows from the actions; an app asks the platform.
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
    Ok(Zone::table(initial.ok_or("a device without actions")?, transitions)?)
}

/// The offset of a device's last action: where it is in the end.
pub fn last_offset(actions: &[Action], device: &str) -> Option<FixedOffset> {
    actions.iter().rev().find(|action| action.device == device).map(|action| *action.at.offset())
}
