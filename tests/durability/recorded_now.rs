//! A process that records an event at once and is killed right after. Everything that it recorded
//! before is there too, although nothing was persisted.

use std::path::Path;
use std::process::Command;

use tiny_counter::storage::{Log, Writes};

use super::common::stores::{clock, on_log, under};

/// The environment variable of the process that kills itself: its folder.
const CHILD: &str = "TINY_COUNTER_RECORDS_NOW";

#[test]
fn what_was_recorded_now_survives_a_kill_right_after_the_call() {
    let root = tempfile::tempdir().unwrap();
    for round in 1..=8 {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "recorded_now::the_process_that_kills_itself", "--nocapture"])
            .env(CHILD, root.path())
            .output()
            .unwrap();
        assert!(!child.status.success(), "it ends by a kill");
        let output = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(output.contains("recorded"), "{output}");
        let store = on_log(&clock(), root.path());
        let counts = ["launch", "crash"].map(|name| store.query(name).lifetime());
        assert_eq!(counts, [Some(3 * round), Some(round)]);
    }
}

/// Not a test: the process that the test above starts. The panic hook records, as that of an app.
#[test]
#[ignore = "started by the other test"]
fn the_process_that_kills_itself() {
    let Ok(root) = std::env::var(CHILD) else { return };
    let log = Log::new(Path::new(&root)).writes(Writes::Background);
    let store = std::sync::Arc::new(under(&clock()).with_log(log).build().unwrap());
    std::panic::set_hook(Box::new(move |_| {
        (0..3).for_each(|_| store.record("launch"));
        store.record_now("crash").unwrap();
        println!("recorded");
        std::process::abort();
    }));
    panic!("as the test wants it");
}
