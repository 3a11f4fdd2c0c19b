//! Where the library's warnings go: on Android to the system's log, elsewhere nowhere unless the host listens.

/// Has warnings appear in Android's log under the tag `tiny-counter`. Calling it again does nothing.
#[cfg(target_os = "android")]
pub(super) fn start() {
    use android_logger::Config;
    use log::LevelFilter;
    android_logger::init_once(Config::default().with_tag("tiny-counter").with_max_level(LevelFilter::Warn));
}

#[cfg(not(target_os = "android"))]
pub(super) fn start() {}
