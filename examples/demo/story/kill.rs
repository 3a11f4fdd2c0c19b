//! An app that is killed in the middle of its work.

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
/// How many acknowledged recordings the app is given before it is killed.
const ENOUGH: u64 = 500;

/// Starts this program a second time with the first phone's folder, kills it while it records, opens the folder again
/// and compares.
pub fn kill_and_reopen(phones: &mut [Phone], mut progress: impl FnMut(String)) -> Fallible<()> {
    let phone = phones.first_mut().ok_or("no phones")?;
    let now = phone.store()?.clock_now();
    phone.close()?;
    let acknowledged = run_and_kill(&phone.folder, now)?;
    progress(format!(
        "{}: {acknowledged} recordings were acknowledged before the process was killed",
        phone.name
    ));

    phone.open()?;
    let found = phone.store()?.query(DRAFT).lifetime().unwrap_or(0);
    progress(format!("{}: {found} are there when it is opened again", phone.name));
    if found < acknowledged {
        return Err(format!("{} acknowledged recordings were lost", acknowledged - found).into());
    }
    if found > acknowledged {
        progress("(the kill came between a recording and the word that it was made)".to_owned());
    }
    Ok(())
}

/// Runs until enough is acknowledged, kills at once (SIGKILL on Unix), and returns the last acknowledgement that was heard.
fn run_and_kill(folder: &Path, now: DateTime<Utc>) -> Fallible<u64> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("record-until-killed")
        .arg(folder)
        .arg(now.to_rfc3339())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut heard = BufReader::new(child.stdout.take().ok_or("no pipe")?);
    let (mut acknowledged, mut line) = (0, String::new());
    while heard.read_line(&mut line)? > 0 {
        // A line without an end was cut off by the kill.
        if let Some(number) = line.strip_suffix('\n') {
            acknowledged = number.parse()?;
        }
        if acknowledged == ENOUGH {
            child.kill()?;
        }
        line.clear();
    }
    let status = child.wait()?;
    if acknowledged < ENOUGH {
        return Err(format!("the process ended by itself: {status}").into());
    }
    Ok(acknowledged)
}

/// The life of the process that is killed: it records, and says so, for ever. With inline writes a recording survives the kill as soon as
/// the call has returned; with the default, background writes, that is promised for decisions (`check_and_record`) and
/// after `persist`.
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
