//! The replay of seven years, action by action.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::Fallible;
use super::phone::{ACTION, LAUNCH, Phone};
use super::prompt::PROMPT;
use super::trace::{Action, actions, last_offset, zone};

/// The phones of three people: one in Europe, one who moved from America to Europe and travels, and
/// one in America.
pub const DEVICES: [&str; 3] = ["d01", "d04", "d08"];

/// The time of the questions at the end.
pub fn the_end() -> Fallible<DateTime<Utc>> {
    Ok("2026-08-21T12:00:00Z".parse()?)
}

/// Replays all actions on the phones, and reports a line of progress for each year. Afterwards the
/// phones are open and their clocks show the time of the end.
pub fn live(folder: &Path, mut progress: impl FnMut(String)) -> Fallible<Vec<Phone>> {
    let actions = actions(&DEVICES)?;
    let mut phones = Vec::new();
    for device in DEVICES {
        phones.push(start(folder, device, &actions)?);
    }
    for year in actions.chunk_by(|one, next| one.year() == next.year()) {
        for month in year.chunk_by(|one, next| one.month() == next.month()) {
            replay_month(&phones, month)?;
        }
        progress(year_in_review(&phones, year)?);
    }
    for phone in &phones {
        phone.set_time(the_end()?);
        phone.go_to_background()?;
    }
    Ok(phones)
}

fn start(folder: &Path, device: &str, actions: &[Action]) -> Fallible<Phone> {
    let offset = last_offset(actions, device).ok_or("a device has no actions")?;
    let mut phone = Phone::new(device, folder.join(device), zone(actions, device)?, offset)?;
    let first = actions.iter().find(|action| action.device == device).ok_or("a device has no actions")?;
    phone.set_time(first.instant());
    phone.open()?;
    Ok(phone)
}

fn replay_month(phones: &[Phone], month: &[Action]) -> Fallible<()> {
    for action in month {
        let phone = DEVICES.iter().zip(phones).find(|(device, _)| **device == action.device);
        phone.ok_or("an action belongs to an unknown device")?.1.act(action)?;
    }
    phones.iter().try_for_each(Phone::go_to_background)
}

/// The counts of each phone in a year, at the time of its last action.
fn year_in_review(phones: &[Phone], year: &[Action]) -> Fallible<String> {
    let last = year.last().ok_or("a year has no actions")?;
    let mut line = format!("{}", last.year());
    for phone in phones {
        phone.set_time(last.instant());
        let store = phone.store()?;
        let this_year = |event: &str| store.query(event).last_years(1).sum().unwrap_or(0);
        line += &format!(
            "   {}: {:>4} / {:>3} / {:>2}",
            phone.name,
            this_year(ACTION),
            this_year(LAUNCH),
            this_year(PROMPT)
        );
    }
    Ok(line)
}
