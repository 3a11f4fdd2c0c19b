//! An app that is killed while it records.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tiny_counter::storage::{Log, Writes};
use tiny_counter::{EventStore, TestClock, Zone};

use super::Fallible;
use super::phone::Phone;

const DRAFT: &str = "draft_saved";
/// The number of acknowledged recordings before the app is killed.
const RECORDINGS_BEFORE_KILL: u64 = 500;

/// Starts a second process that records in the folder of the first phone, kills it, opens the
/// folder again, and checks that no acknowledged recording is missing.
pub fn kill_and_reopen(phones: &mut [Phone], mut progress: impl FnMut(String)) -> Fallible<()> {
    let phone = phones.first_mut().ok_or("there are no phones")?;
    let now = phone.store()?.clock_now();
    phone.close()?;
    let acknowledged = run_and_kill(&phone.folder, now)?;
    progress(format!(
        "{}: {acknowledged} recordings were acknowledged before the process was killed",
        phone.name
    ));

    phone.open()?;
    let found = phone.store()?.query(DRAFT).lifetime().unwrap_or(0);
    progress(format!("{}: {found} recordings are there after it is opened again", phone.name));
    if found < acknowledged {
        return Err(format!("{} acknowledged recordings were lost", acknowledged - found).into());
    }
    if found > acknowledged {
        progress("(the process was killed after a recording and before its acknowledgement)".to_owned());
    }
    Ok(())
}

/// Starts the process, kills it (SIGKILL on Unix) after enough acknowledged recordings, and returns
/// the last acknowledged number.
fn run_and_kill(folder: &Path, now: DateTime<Utc>) -> Fallible<u64> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("record-until-killed")
        .arg(folder)
        .arg(now.to_rfc3339())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = BufReader::new(child.stdout.take().ok_or("the process has no output")?);
    let (mut acknowledged, mut line) = (0, String::new());
    while output.read_line(&mut line)? > 0 {
        // A line without a line end was truncated by the kill.
        if let Some(number) = line.strip_suffix('\n') {
            acknowledged = number.parse()?;
        }
        if acknowledged == RECORDINGS_BEFORE_KILL {
            child.kill()?;
        }
        line.clear();
    }
    let status = child.wait()?;
    if acknowledged < RECORDINGS_BEFORE_KILL {
        return Err(format!("the process ended before it was killed: {status}").into());
    }
    Ok(acknowledged)
}

/// The main function of the process that is killed: it records and prints the count in an endless
/// loop.
///
/// With inline writes a recording survives a kill as soon as the call returns. With background
/// writes, the default, decisions (`check_and_record`) survive a kill when the call returns, and
/// recordings after `persist`.
pub fn record_until_killed(folder: &Path, now: DateTime<Utc>) -> Fallible<()> {
    let clock = Arc::new(TestClock::build_for_testing_at(now));
    let log = Log::new(folder).writes(Writes::Inline);
    let store = EventStore::builder().with_clock(clock).with_zone(Zone::utc()).with_log(log).build()?;
    let mut out = std::io::stdout().lock();
    loop {
        store.record(DRAFT);
        writeln!(out, "{}", store.query(DRAFT).lifetime().unwrap_or(0))?;
        out.flush()?;
    }
}
