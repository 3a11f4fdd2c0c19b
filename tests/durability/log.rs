//! A process that records, decides, persists, compacts, merges and exports on several threads is
//! killed at random moments. Everything whose storing was acknowledged is there afterwards, and no
//! export that it gave out is contradicted.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tiny_counter::EventStore;
use tiny_counter::storage::Writes;

use super::acknowledged::{Acknowledged, listen};
use super::child::{BESIDE, CHILD, EVENTS, Folder, IN_TURN, live, open};
use super::common::stores::{clock, in_memory};

/// How many processes are killed, both modes together: 30, or as many as `TINY_COUNTER_KILLS` says.
fn rounds() -> u64 {
    std::env::var("TINY_COUNTER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(30)
}

fn spawn(folder: &Folder, writes: Writes) -> Child {
    let mode = if writes == Writes::Inline { "inline" } else { "background" };
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "log::the_process_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(CHILD, format!("{mode}:{}", folder.root.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts a process and kills it after a while.
fn start_and_kill(folder: &Folder, writes: Writes, millis: u64, acknowledged: &mut Acknowledged) {
    let mut child = spawn(folder, writes);
    let listener = listen(child.stdout.take().unwrap());
    std::thread::sleep(Duration::from_millis(millis));
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged.add(listener.join().unwrap());
}

fn survive(writes: Writes) {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path());
    let mut acknowledged = Acknowledged::default();
    let (rounds, mut round, mut exports) = (rounds().div_ceil(2), 0, 0);
    // On a busy machine it may take a few longer lives until every promise was made.
    while round < rounds || (round < rounds + 20 && !acknowledged.is_complete()) {
        // Spread over the life of a process: while it starts, during its first writes, later.
        let millis = if round < rounds { 15 + (round * 37) % 160 } else { 500 };
        start_and_kill(&folder, writes, millis, &mut acknowledged);
        let store = open(&folder, writes);
        let scene = format!("{writes:?}, round {round}");
        assert!(store.health().losses.is_empty(), "{scene}: {:?}", store.health());
        is_a_prefix(&store, &acknowledged, &scene);
        for event in EVENTS {
            let there = store.query(event).lifetime().unwrap_or(0);
            let recorded = acknowledged.recorded(event);
            let least = if writes == Writes::Inline { recorded } else { acknowledged.promised(event) };
            assert!(there >= least, "{scene}: {event} holds {there}, {least} were acknowledged");
            // One call may have been running when the process was killed.
            assert!(there <= recorded + 1, "{scene}: {event} holds {there}, only {recorded} were recorded");
        }
        let [prompts, beside] = ["prompt", BESIDE].map(|event| store.query(event).lifetime());
        assert_eq!(prompts, beside, "{scene}: a decision is there as a whole or not at all");
        exports += u64::from(includes_its_last_export(&store, &folder, &scene));
        acknowledged.found(|event| store.query(event).lifetime().unwrap_or(0));
        drop(store);
        round += 1;
    }
    assert!(acknowledged.is_complete(), "no process lived long enough for every promise: {acknowledged:?}");
    assert!(exports > 0, "no export was compared");
}

/// One thread of each process records three events in turn: what is left is a prefix of that
/// sequence.
fn is_a_prefix(store: &EventStore, acknowledged: &Acknowledged, scene: &str) {
    let lived = |event: &str| store.query(event).lifetime().unwrap_or(0) - acknowledged.before(event);
    let [launches, taps, crashes] = IN_TURN.map(lived);
    assert!(
        launches >= taps && taps >= crashes && crashes + 1 >= launches,
        "{scene}: {launches} {taps} {crashes} is not a prefix"
    );
}

/// The store holds everything that the last export of the process holds, with the same counts.
fn includes_its_last_export(store: &EventStore, folder: &Folder, scene: &str) -> bool {
    let Ok(given) = std::fs::read(folder.export()) else { return false };
    let other = in_memory(&clock());
    other.merge_bytes(&given).unwrap();
    for event in other.events() {
        let (theirs, ours) = (other.query(&event).lifetime(), store.query(&event).lifetime());
        assert!(ours >= theirs, "{scene}: {event} was exported with {theirs:?} and holds {ours:?}");
    }
    let report = store.merge_bytes(&given).unwrap();
    assert_eq!(
        (report.events_changed, report.conflicting_copies, report.restarted),
        (0, 0, false),
        "{scene}: {report:?}"
    );
    true
}

#[test]
fn every_inline_write_survives_a_kill() {
    survive(Writes::Inline);
}

#[test]
fn background_writes_survive_a_kill_up_to_the_last_decision_persist_or_export() {
    survive(Writes::Background);
}

/// Not a test: the process that the other tests start and kill.
#[test]
#[ignore = "started and killed by the other tests"]
fn the_process_that_is_killed() {
    let Ok(task) = std::env::var(CHILD) else { return };
    let (mode, root) = task.split_once(':').unwrap();
    live(&Folder::new(Path::new(root)), if mode == "inline" { Writes::Inline } else { Writes::Background });
}
