//! Warnings of the process, for a function of the app.

use std::mem::ManuallyDrop;
use std::sync::Arc;

/// A function of the app for warnings.
#[uniffi::export(with_foreign)]
pub trait WarningHandler: Send + Sync {
    /// Takes a warning in English. It names no event.
    fn on_warning(&self, text: String);
}

/// Passes the warnings of all stores of the process to `handler`: recordings that were not counted,
/// writes that failed, stored counts that are damaged. Another call replaces the handler. Warnings
/// go to the log of the system in any case.
///
/// A thread of its own calls the handler, some time after the warning arose, with one warning after
/// another. It may call a store, and it may take as long as it likes: no call of a store waits for
/// it. Up to 64 warnings wait; of further ones only the number is passed. Warnings that the handler
/// causes itself are not passed to it.
#[uniffi::export]
pub fn on_warning(handler: Arc<dyn WarningHandler>) {
    // It is never released. A process can have the code of the app twice, for example in two class
    // loaders, and the code that registered last would be asked to release what the other one gave.
    let handler = ManuallyDrop::new(handler);
    crate::on_warning(move |text| handler.on_warning(text.to_owned()));
}
