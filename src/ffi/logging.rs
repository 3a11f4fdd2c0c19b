//! Where warnings go: to the system's log on Android, to the function of the facade on Apple's
//! systems, otherwise to standard error.

/// Sends warnings to Android's log with the tag `tiny-counter`. Calling it again does nothing.
#[cfg(target_os = "android")]
pub(super) fn start() {
    use android_logger::Config;
    use log::LevelFilter;
    android_logger::init_once(Config::default().with_tag("tiny-counter").with_max_level(LevelFilter::Warn));
}

/// The system's log is written by the Swift facade, which knows how.
#[cfg(target_vendor = "apple")]
pub(super) fn start() {}

/// Sends warnings to standard error, unless the host installed a logger. Calling it again does
/// nothing.
#[cfg(not(any(target_os = "android", target_vendor = "apple")))]
pub(super) fn start() {
    if log::set_logger(&standard_error::StandardError).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
}

#[cfg(not(any(target_os = "android", target_vendor = "apple")))]
mod standard_error {
    use std::io::Write as _;

    /// A logger that writes lines to standard error.
    pub(super) struct StandardError;

    impl log::Log for StandardError {
        fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
            metadata.level() <= log::Level::Warn
        }

        fn log(&self, record: &log::Record<'_>) {
            if self.enabled(record.metadata()) {
                // If nobody reads standard error, there is nothing better to do.
                let _ = writeln!(
                    std::io::stderr().lock(),
                    "{}: {}",
                    record.target().replace('_', "-"),
                    record.args()
                );
            }
        }

        fn flush(&self) {}
    }
}
