//! A process that records, decides, persists, compacts, merges and exports in several threads is killed at random moments; what it had been
//! told is stored is there afterwards, and what it had given out is not contradicted.

#![cfg(feature = "storage-fs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "kill/life.rs"]
mod life;
#[path = "kill/told.rs"]
mod told;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use life::{CHILD, EVENTS, Folder, IN_TURN, open};
use tiny_counter::storage::Writes;
use tiny_counter::{EventStore, TestClock};
use told::Told;

/// How many processes are killed in both modes together: 30 in the ordinary run, more where the environment asks for it.
fn rounds() -> u64 {
    std::env::var("TINY_COUNTER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(30)
}

fn spawn(folder: &Folder, writes: Writes) -> Child {
    let mode = if writes == Writes::Inline { "inline" } else { "background" };
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{mode}:{}", folder.root.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a process live for a while and kills it.
fn live_and_die(folder: &Folder, writes: Writes, millis: u64, told: &mut Told) {
    let mut child = spawn(folder, writes);
    let listener = told::listen(child.stdout.take().unwrap());
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().unwrap();
    child.wait().unwrap();
    told.add(listener.join().unwrap());
}

fn survive(writes: Writes) {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path());
    let mut told = Told::default();
    let (rounds, mut round) = (rounds().div_ceil(2), 0);
    // On a busy machine a few longer lives may be needed until every promise was made.
    while round < rounds || (round < rounds + 20 && !told.is_complete()) {
        // Spread over the life of a process: while it starts, in its first writes, in full swing.
        let millis = if round < rounds { 15 + (round * 37) % 160 } else { 500 };
        live_and_die(&folder, writes, millis, &mut told);
        let store = open(&folder, writes);
        let scene = format!("{writes:?}, round {round}");
        assert!(store.health().losses.is_empty(), "{scene}: {:?}", store.health());
        is_a_beginning(&store, &told, &scene);
        for event in EVENTS {
            let there = store.query(event).lifetime().unwrap_or(0);
            let said = told.recorded(event);
            let least = if writes == Writes::Inline { said } else { told.promised(event) };
            assert!(there >= least, "{scene}: {event} holds {there}, of {least} that were acknowledged");
            // One call may have been on its way when the process was killed.
            assert!(there <= said + 1, "{scene}: {event} holds {there}, only {said} were recorded");
        }
        knows_what_it_gave_out(&store, &folder, &scene);
        told.found(|event| store.query(event).lifetime().unwrap_or(0));
        drop(store);
        round += 1;
    }
    assert!(told.is_complete(), "no process lived long enough to do everything: {told:?}");
}

/// One thread of each life records three events in turn: what is left of it is a beginning of that.
fn is_a_beginning(store: &EventStore, told: &Told, scene: &str) {
    let lived = |event: &str| store.query(event).lifetime().unwrap_or(0) - told.before(event);
    let [launches, taps, crashes] = IN_TURN.map(lived);
    assert!(
        launches >= taps && taps >= crashes && crashes + 1 >= launches,
        "{scene}: {launches} {taps} {crashes} is no prefix"
    );
}

/// The last export that left the process holds nothing that the store does not know, and nothing that it knows otherwise.
fn knows_what_it_gave_out(store: &EventStore, folder: &Folder, scene: &str) {
    let Ok(given) = std::fs::read(folder.export()) else { return };
    let other = EventStore::builder().with_clock(TestClock::new_at(life::noon())).build().unwrap();
    other.merge_bytes(&given).unwrap();
    for event in other.events() {
        let (theirs, ours) = (other.query(&event).lifetime(), store.query(&event).lifetime());
        assert!(ours >= theirs, "{scene}: {event} was given out with {theirs:?} and holds {ours:?}");
    }
    let report = store.merge_bytes(&given).unwrap();
    assert_eq!(
        (report.events_changed, report.conflicting_copies, report.restarted),
        (0, 0, false),
        "{scene}: {report:?}"
    );
}

#[test]
fn inline_writes_survive_a_kill_one_by_one() {
    survive(Writes::Inline);
}

#[test]
fn background_writes_survive_a_kill_up_to_the_last_decision_persist_or_export() {
    survive(Writes::Background);
}

/// Not a test of its own: the process that the others start and kill.
#[test]
fn the_process_that_is_killed() {
    let Ok(task) = std::env::var(CHILD) else { return };
    let (mode, root) = task.split_once(':').unwrap();
    life::live(
        &Folder::new(Path::new(root)),
        if mode == "inline" { Writes::Inline } else { Writes::Background },
    );
}
