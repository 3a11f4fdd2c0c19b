//! What the process does until it is killed. Every thread prints a line when it begins a call and
//! when the call has returned.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{RwLock, RwLockReadGuard};

use tiny_counter::storage::{Log, Writes};
use tiny_counter::{EventStore, TimeUnit};

use super::common::stores::{clock, in_memory, under};

/// The environment variable of the process that is to be killed: how it writes, and its folder.
pub const CHILD: &str = "TINY_COUNTER_KILL_TEST";
/// What one thread records in turn.
pub const IN_TURN: [&str; 3] = ["launch", "tap", "crash"];
/// What is recorded in the same step as `prompt`.
pub const BESIDE: &str = "any prompt";
/// Each event is counted by one thread only.
pub const EVENTS: [&str; 6] = ["launch", "tap", "crash", "prompt", "reserved", "tablet"];
/// The calls that promise to have stored everything that was recorded before them.
pub const PROMISES: [&str; 7] = ["decide", "commit", "persist", "compact", "export", "since", "close"];

/// Where a process keeps its log and its last export.
pub struct Folder {
    pub root: PathBuf,
}

impl Folder {
    pub fn new(root: &Path) -> Folder {
        Folder { root: root.to_owned() }
    }

    /// The last export that was written completely.
    pub fn export(&self) -> PathBuf {
        self.root.join("export")
    }
}

pub fn open(folder: &Folder, writes: Writes) -> EventStore {
    under(&clock()).with_log(Log::new(folder.root.join("log")).writes(writes)).build().unwrap()
}

/// One store for all threads. Compacting and reopening want it for themselves.
type Shared = RwLock<Option<EventStore>>;

fn store(shared: &Shared) -> RwLockReadGuard<'_, Option<EventStore>> {
    shared.read().unwrap()
}

/// Prints a whole line at once, so that lines of several threads do not mix.
fn print(word: &str, name: &str) {
    let line = format!("{word} {name}\n");
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

/// Prints that a call with a promise begins, makes it, and prints that it returned.
fn promise<R>(name: &str, call: impl FnOnce() -> R) -> R {
    print("begin", name);
    let answer = call();
    print("promise", name);
    answer
}

pub fn live(folder: &Folder, writes: Writes) -> ! {
    // Ends the line that the test runner has begun.
    print("", "");
    let shared = RwLock::new(Some(open(folder, writes)));
    std::thread::scope(|scope| {
        scope.spawn(|| record(&shared));
        scope.spawn(|| decide(&shared));
        scope.spawn(|| merge(&shared, folder));
        scope.spawn(|| keep(&shared, folder, writes));
    });
    panic!("a thread has ended");
}

fn record(shared: &Shared) {
    for event in IN_TURN.iter().cycle() {
        store(shared).as_ref().unwrap().record(*event);
        print("record", event);
    }
}

fn decide(shared: &Shared) {
    for round in 0u64.. {
        if round.is_multiple_of(2) {
            promise("decide", || {
                let store = store(shared);
                let limit = store.as_ref().unwrap().limit().at_most("prompt", 1_000_000, TimeUnit::Days);
                limit.also_record(BESIDE).check_and_record("prompt").unwrap();
            });
            print("stored", "prompt");
        } else {
            promise("commit", || {
                let store = store(shared);
                let limit = store.as_ref().unwrap().limit().at_most("reserved", 1_000_000, TimeUnit::Days);
                limit.reserve("reserved").unwrap().try_commit().unwrap();
            });
            print("stored", "reserved");
        }
    }
}

/// Merges what a tablet counts, one by one, and exports what the store holds.
fn merge(shared: &Shared, folder: &Folder) {
    let tablet = in_memory(&clock());
    for round in 0u64.. {
        tablet.record("tablet");
        let newer = tablet.export_since(&store(shared).as_ref().unwrap().knowledge().unwrap()).unwrap();
        store(shared).as_ref().unwrap().merge_bytes(&newer).unwrap();
        print("record", "tablet");
        if round % 5 == 3 {
            let given = promise("export", || store(shared).as_ref().unwrap().export_bytes().unwrap());
            let unfinished = folder.root.join("export.tmp");
            fs::write(&unfinished, given).unwrap();
            fs::rename(&unfinished, folder.export()).unwrap();
        }
        if round % 5 == 4 {
            let knowledge = tablet.knowledge().unwrap();
            let newer =
                promise("since", || store(shared).as_ref().unwrap().export_since(&knowledge).unwrap());
            tablet.merge_bytes(&newer).unwrap();
        }
    }
}

fn keep(shared: &Shared, folder: &Folder, writes: Writes) {
    // Not every process lives long enough for all of it, so each begins elsewhere.
    for round in u64::from(std::process::id()).. {
        match round % 9 {
            3 | 6 => promise("compact", || shared.write().unwrap().as_mut().unwrap().compact().unwrap()),
            8 => promise("close", || {
                let mut store = shared.write().unwrap();
                store.take().unwrap().close().unwrap();
                *store = Some(open(folder, writes));
            }),
            _ => promise("persist", || store(shared).as_ref().unwrap().persist().unwrap()),
        }
    }
}
