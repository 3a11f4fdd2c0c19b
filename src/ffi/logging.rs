//! Where warnings go: to the system log on Android, otherwise nowhere unless the host installs a
//! logger.

/// Sends warnings to Android's log with the tag `tiny-counter`. Calling it again does nothing.
#[cfg(target_os = "android")]
pub(super) fn start() {
    use android_logger::Config;
    use log::LevelFilter;
    android_logger::init_once(Config::default().with_tag("tiny-counter").with_max_level(LevelFilter::Warn));
}

#[cfg(not(target_os = "android"))]
pub(super) fn start() {}
