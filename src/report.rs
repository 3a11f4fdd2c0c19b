//! Messages to the app: to its logger, and to the function that it gave to `on_warning`.
//!
//! The logger is called at once, by the thread that reports. It may record an event, and that
//! recording can cause another message. A message from within a message is left out, to prevent
//! endless recursion.
//!
//! The function may do whatever the app likes: call a store, wait for another thread, panic. So no
//! thread of a store and no caller of one runs it. Warnings wait in a list of bounded length. A
//! thread that is started for them, and that ends when there are no more, passes them to the
//! function without a lock. Nobody waits for that thread.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::Arguments;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
#[cfg(feature = "ffi")]
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Builder;

use log::Level;
use parking_lot::Mutex;

use crate::bounds::MAX_WAITING_WARNINGS;

thread_local! {
    /// Whether the logger is being called on this thread.
    static IS_REPORTING: Cell<bool> = const { Cell::new(false) };
    /// Whether this is a thread that calls the function for warnings.
    static IS_DELIVERING: Cell<bool> = const { Cell::new(false) };
}

/// A function for warnings.
type Handler = Arc<dyn Fn(&str) + Send + Sync>;

/// The function of the process, and the warnings that wait for it.
static WARNINGS: Mutex<Warnings> =
    Mutex::new(Warnings { handler: None, waiting: VecDeque::new(), left_out: 0, is_delivering: false });

struct Warnings {
    handler: Option<Handler>,
    waiting: VecDeque<String>,
    /// How many found no room.
    left_out: u64,
    /// Whether the thread runs.
    is_delivering: bool,
}

/// Passes the warnings of all stores of the process to `handler`, for example to the app's crash
/// reporter: recordings that were not counted, writes that failed, stored counts that are damaged.
/// Another call replaces the function. They go to the app's logger (the crate `log`) in any case.
///
/// The function gets an English text, which names no event. A thread of its own calls it, some time
/// after the warning arose, with one warning after another. No lock is held, so it may call a
/// store, and it may take as long as it likes: no call of a store waits for it. Up to 64 warnings
/// wait; of further ones only the number is passed. A panic of the function ends nothing. Warnings
/// that it causes itself go to the logger only.
///
/// ```
/// tiny_counter::on_warning(|text| eprintln!("tiny-counter: {text}"));
/// ```
pub fn on_warning(handler: impl Fn(&str) + Send + Sync + 'static) {
    let handler: Handler = Arc::new(handler);
    let earlier = WARNINGS.lock().handler.replace(handler);
    // Dropped without the lock, because it can hold what takes long to drop.
    drop(earlier);
}

/// The warnings of the process for a thread of a facade, which asks for them. So no foreign code is
/// called from here.
#[cfg(feature = "ffi")]
#[derive(Debug)]
pub(crate) struct WarningQueue {
    texts: Mutex<Receiver<String>>,
}

#[cfg(feature = "ffi")]
impl WarningQueue {
    /// Takes the place of the function of `on_warning`.
    pub(crate) fn take() -> Self {
        // It holds none, because those that wait have their bounded list.
        let (sender, texts) = sync_channel(0);
        // If the queue is gone, nobody wants them.
        on_warning(move |text| drop(sender.send(text.to_owned())));
        Self { texts: Mutex::new(texts) }
    }

    /// Waits for the next warning. None once another function or queue takes its place. What the
    /// calling thread causes from then on goes to the logger only.
    pub(crate) fn next(&self) -> Option<String> {
        IS_DELIVERING.set(true);
        self.texts.lock().recv().ok()
    }
}

/// What the macro `report!` does.
pub(crate) fn send(level: Level, message: Arguments<'_>) {
    if !IS_REPORTING.replace(true) {
        let _end = EndOfReport;
        log::log!(target: "tiny_counter", level, "{message}");
    }
    if level <= Level::Warn && !IS_DELIVERING.get() {
        warn(message);
    }
}

/// Marks the end of a message, also if the logger panics.
struct EndOfReport;

impl Drop for EndOfReport {
    fn drop(&mut self) {
        IS_REPORTING.set(false);
    }
}

/// Lets a warning wait for the app's function, if there is one.
fn warn(message: Arguments<'_>) {
    let mut warnings = WARNINGS.lock();
    if warnings.handler.is_none() {
        return;
    }
    if warnings.waiting.len() < MAX_WAITING_WARNINGS {
        warnings.waiting.push_back(message.to_string());
    } else {
        warnings.left_out = warnings.left_out.saturating_add(1);
    }
    if !std::mem::replace(&mut warnings.is_delivering, true) {
        drop(warnings);
        // If there is no thread now, the next warning tries again.
        if Builder::new().name("tiny-counter-warn".into()).spawn(deliver).is_err() {
            WARNINGS.lock().is_delivering = false;
        }
    }
}

/// Passes on the warnings that wait.
fn deliver() {
    IS_DELIVERING.set(true);
    let next = || WARNINGS.lock().next();
    while let Some((handler, text)) = next() {
        // It is the app's code. Later warnings must still be passed on.
        let _ = catch_unwind(AssertUnwindSafe(|| handler(&text)));
    }
}

impl Warnings {
    /// The next warning, and the function for it. If there is none, the thread ends.
    fn next(&mut self) -> Option<(Handler, String)> {
        let text = self.waiting.pop_front().or_else(|| match std::mem::take(&mut self.left_out) {
            0 => None,
            more => Some(format!("{more} more warnings were left out, because they came too fast")),
        });
        let next = self.handler.clone().zip(text);
        self.is_delivering = next.is_some();
        next
    }
}

/// `report!(warn, "...")` is `log::warn!("...")`, but does nothing while the logger is being called
/// on this thread. Warnings and errors also go to the app's function for warnings.
macro_rules! report {
    (error, $($message:tt)+) => { $crate::report::send(log::Level::Error, format_args!($($message)+)) };
    (warn, $($message:tt)+) => { $crate::report::send(log::Level::Warn, format_args!($($message)+)) };
    (info, $($message:tt)+) => { $crate::report::send(log::Level::Info, format_args!($($message)+)) };
    (debug, $($message:tt)+) => { $crate::report::send(log::Level::Debug, format_args!($($message)+)) };
}

pub(crate) use report;
