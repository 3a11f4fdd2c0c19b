//! A process that records is killed at random moments; what it had been told is stored is there afterwards.

#![cfg(feature = "storage-fs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::DateTime;
use tiny_counter::storage::{Log, Writes};
use tiny_counter::{EventStore, TestClock, TimeUnit, Zone};

/// Set for the process that is to be killed: its folder and how it writes.
const CHILD: &str = "TINY_COUNTER_KILL_TEST";

/// What the process had been told before it was killed, as `word name` lines.
#[derive(Debug, Default)]
struct Told {
    recorded: HashMap<String, u64>,
    /// Of `recorded`: how many were followed by a call that promises to hold everything before it.
    promised: HashMap<String, u64>,
    /// What was there when the last process began.
    before: HashMap<String, u64>,
    rounds: u64,
}

fn open(dir: &Path, writes: Writes) -> EventStore {
    let noon = DateTime::from_timestamp(1_750_000_000, 0).unwrap();
    EventStore::builder()
        .with_clock(TestClock::new_at(noon))
        .with_zone(Zone::utc())
        .with_log(Log::new(dir).writes(writes))
        .build()
        .unwrap()
}

/// Records, decides, persists and exports for ever, and says after each call that it came back.
fn live(dir: &Path, writes: Writes) -> ! {
    let store = open(dir, writes);
    let mut out = std::io::stdout().lock();
    // The test runner has begun a line of its own.
    writeln!(out).unwrap();
    for round in 0u64.. {
        let name = ["launch", "tap", "crash"][usize::try_from(round % 3).unwrap()];
        store.record(name);
        writeln!(out, "record {name}").unwrap();
        let said = match round % 50 {
            7 => {
                store
                    .limit()
                    .at_most("prompt", 1_000_000, TimeUnit::Days)
                    .check_and_record("prompt")
                    .unwrap();
                "decide prompt"
            }
            23 => {
                store.persist().unwrap();
                "promise persist"
            }
            41 => {
                store.export_bytes().unwrap();
                "promise export"
            }
            _ => continue,
        };
        writeln!(out, "{said}").unwrap();
        out.flush().unwrap();
    }
    panic!("there is a last round number")
}

fn spawn(dir: &Path, mode: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{mode}:{}", dir.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a process live for a while, kills it, and adds up what it had said.
fn live_and_die(dir: &Path, mode: &str, millis: u64, told: &mut Told) {
    let mut child = spawn(dir, mode);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let mut told = Vec::new();
        for line in lines.map_while(Result::ok) {
            if let Some((word, name)) = line.split_once(' ')
                && ["record", "decide", "promise"].contains(&word)
            {
                told.push((word.to_owned(), name.to_owned()));
            }
        }
        told
    });
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().unwrap();
    child.wait().unwrap();
    for (word, name) in reader.join().unwrap() {
        match word.as_str() {
            "record" => *told.recorded.entry(name).or_default() += 1,
            word => {
                if word == "decide" {
                    *told.recorded.entry(name).or_default() += 1;
                }
                told.promised = told.recorded.clone();
            }
        }
        told.rounds += 1;
    }
}

/// How many rounds: 8 each in the ordinary run, more where the environment asks for it.
fn rounds() -> u64 {
    std::env::var("TINY_COUNTER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8)
}

fn survive(mode: &str, writes: Writes) {
    let dir = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    for round in 0..rounds() {
        // Spread over the life of a process: while it starts, in its first writes, in full swing.
        live_and_die(dir.path(), mode, 15 + (round * 37) % 160, &mut told);
        let store = open(dir.path(), writes);
        assert!(store.health().losses.is_empty(), "{:?}", store.health());
        let before = told.before.clone();
        let lived =
            |name: &str| store.query(name).lifetime().unwrap_or(0) - before.get(name).copied().unwrap_or(0);
        // One life records launch, tap, crash in turn: what is left of it is a beginning of that.
        let [launches, taps, crashes] = ["launch", "tap", "crash"].map(lived);
        assert!(
            launches >= taps && taps >= crashes && crashes + 1 >= launches,
            "{mode}, round {round}: {launches} {taps} {crashes} is no prefix"
        );
        for name in ["launch", "tap", "crash", "prompt"] {
            let there = store.query(name).lifetime().unwrap_or(0);
            let said = told.recorded.get(name).copied().unwrap_or(0);
            let promised = told.promised.get(name).copied().unwrap_or(0);
            let least = if writes == Writes::Inline { said } else { promised };
            assert!(
                there >= least,
                "{mode}, round {round}: {name} holds {there}, of {least} that were acknowledged"
            );
            // One call may have been on its way when the process was killed.
            assert!(
                there <= said + 1,
                "{mode}, round {round}: {name} holds {there}, only {said} were recorded"
            );
            told.recorded.insert(name.into(), there);
        }
        told.promised = told.recorded.clone();
        told.before = told.recorded.clone();
        drop(store);
    }
    assert!(told.rounds > 0, "no process lived long enough to say anything");
}

#[test]
fn inline_writes_survive_a_kill_one_by_one() {
    survive("inline", Writes::Inline);
}

#[test]
fn background_writes_survive_a_kill_up_to_the_last_decision_persist_or_export() {
    survive("background", Writes::Background);
}

/// Not a test of its own: the process that the others start and kill.
#[test]
fn the_process_that_is_killed() {
    let Ok(task) = std::env::var(CHILD) else { return };
    let (mode, dir) = task.split_once(':').unwrap();
    live(Path::new(dir), if mode == "inline" { Writes::Inline } else { Writes::Background });
}
