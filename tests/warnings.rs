//! The app's function for warnings: what it gets, and that nothing that it does disturbs a store.

#![cfg(feature = "storage-fs")]
#![allow(clippy::restriction, clippy::pedantic)]

mod common;

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier, Mutex, MutexGuard};
use std::time::Duration;

use common::*;
use tiny_counter::{EventStore, on_warning};

/// The function belongs to the process, so one test at a time uses it.
static ONE_TEST: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_TEST.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Passes warnings to the test, before `hook` is called with them.
fn warnings(hook: impl Fn(&str) + Send + Sync + 'static) -> Receiver<String> {
    pass_on_earlier_ones();
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    on_warning(move |text| {
        let _ = sender.lock().unwrap().send(text.to_owned());
        hook(text);
    });
    receiver
}

/// Waits until the warnings of earlier tests are passed on. They come in their order.
fn pass_on_earlier_ones() {
    let (sender, receiver) = channel();
    let sender = Mutex::new(sender);
    on_warning(move |text| {
        let _ = sender.lock().unwrap().send(text.contains("in the future"));
    });
    in_memory(&clock()).record_ago("x", chrono::Duration::hours(-1));
    while !receiver.recv_timeout(Duration::from_secs(20)).expect("a warning") {}
}

/// The next warning. It comes from another thread, so the test waits for it.
fn next(warnings: &Receiver<String>) -> String {
    warnings.recv_timeout(Duration::from_secs(20)).expect("a warning")
}

fn closed() -> EventStore {
    let store = in_memory(&clock());
    store.shutdown().unwrap();
    store
}

#[test]
fn a_recording_that_is_not_counted_is_a_warning_on_another_thread() {
    let _alone = alone();
    let (sender, threads) = channel();
    let sender = Mutex::new(sender);
    let warnings = warnings(move |_| {
        let thread = std::thread::current();
        sender.lock().unwrap().send((thread.id(), thread.name().map(str::to_owned))).unwrap();
    });
    closed().record("x");
    assert!(next(&warnings).contains("the store is closed"));
    let (id, name) = threads.recv().unwrap();
    assert_ne!(id, std::thread::current().id());
    assert_eq!(name.as_deref(), Some("tiny-counter-warn"));
    in_memory(&clock()).record("x".repeat(1_025));
    assert!(next(&warnings).contains("longer than 1,024 bytes"));
    in_memory(&clock()).record_ago("x", chrono::Duration::hours(-1));
    assert!(next(&warnings).contains("in the future"));
}

#[test]
fn a_background_write_that_fails_is_a_warning() {
    let _alone = alone();
    let warnings = warnings(|_| ());
    let parent = tempfile::tempdir().unwrap();
    let (dir, away) = (parent.path().join("store"), parent.path().join("away"));
    let store = on_log(&clock(), &dir);
    std::fs::rename(&dir, &away).unwrap();
    store.record("x");
    let text = next(&warnings);
    assert!(text.contains("could not be written"), "{text}");
    std::fs::rename(&away, &dir).unwrap();
    store.close().unwrap();
    assert_eq!(ever(&on_log(&clock(), &dir), "x"), Some(1));
}

#[test]
fn the_function_can_call_the_store_for_whose_write_it_is_called() {
    let _alone = alone();
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("store");
    let store = Arc::new(on_log(&clock(), &dir));
    let (called, (sender, done)) = (store.clone(), channel());
    let sender = Mutex::new(sender);
    let _warnings = warnings(move |_| {
        called.record("warned");
        let persisted = called.persist().is_err();
        let _ = called.shutdown();
        let _ = sender.lock().unwrap().send(persisted);
    });
    std::fs::remove_dir_all(&dir).unwrap();
    store.record("x");
    assert!(done.recv_timeout(Duration::from_secs(20)).expect("it hangs"), "the folder is gone");
    store.shutdown().unwrap();
    assert_eq!(ever(&store, "warned"), Some(1));
    on_warning(|_| ());
}

#[test]
fn nothing_waits_for_a_function_that_waits_and_later_warnings_are_counted() {
    let _alone = alone();
    let gate = Arc::new(Barrier::new(2));
    let (held, first) = (gate.clone(), Mutex::new(true));
    let warnings = warnings(move |_| {
        if std::mem::take(&mut *first.lock().unwrap()) {
            held.wait();
        }
    });
    let store = closed();
    store.record("x");
    next(&warnings);
    // The function holds the thread of warnings. Recording and closing go on.
    (0..100).for_each(|_| store.record("x"));
    in_memory(&clock()).close().unwrap();
    gate.wait();
    let texts: Vec<String> = (0..65).map(|_| next(&warnings)).collect();
    assert!(texts[..64].iter().all(|text| text.contains("not counted")));
    assert!(texts[64].starts_with("36 more warnings"), "{}", texts[64]);
}

#[test]
fn a_panic_of_the_function_ends_neither_the_store_nor_later_warnings() {
    let _alone = alone();
    let warnings = warnings(|_| std::panic::panic_any("a panic of the function, as the test wants it"));
    for _ in 0..3 {
        closed().record("x");
        next(&warnings);
    }
    let store = in_memory(&clock());
    store.record("x");
    assert_eq!(ever(&store, "x"), Some(1));
}

#[test]
fn a_function_that_causes_warnings_is_not_called_for_them() {
    let _alone = alone();
    let store = Arc::new(closed());
    let called = store.clone();
    let warnings = warnings(move |_| called.record("again"));
    store.record("x");
    next(&warnings);
    // Warnings come in their order, so one that the function caused would come before this one.
    in_memory(&clock()).record_ago("x", chrono::Duration::hours(-1));
    assert!(next(&warnings).contains("in the future"));
}
