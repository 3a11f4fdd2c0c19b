//! Windows of calendar units or of a duration, and the least size that they must have.

use chrono::Duration;
#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::unit::TimeUnit;
use crate::error::{Error, Result};
use crate::event_id::{APP_VERSION, EventId, SESSION};

/// A calendar window: the current unit and the `count - 1` units before it. For example, 7 days are
/// today and the six days before.
///
/// A [`TimeUnit`] converts to a window of one unit, a `(count, unit)` pair to one of `count` units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct TimeWindow {
    /// The number of units, including the current one: at least 1, otherwise the limit returns
    /// `InvalidArgument`.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "deserialize::count"))]
    pub count: usize,
    /// The unit of the window.
    pub time_unit: TimeUnit,
}

impl From<TimeUnit> for TimeWindow {
    fn from(time_unit: TimeUnit) -> Self {
        TimeWindow { count: 1, time_unit }
    }
}

impl From<(usize, TimeUnit)> for TimeWindow {
    fn from((count, time_unit): (usize, TimeUnit)) -> Self {
        TimeWindow { count, time_unit }
    }
}

/// The window of a limit: calendar units up to the current one, a duration up to now, or the time
/// since a marker.
///
/// A [`TimeUnit`], a `(count, unit)` pair and a [`TimeWindow`] convert to a calendar window, a
/// `Duration` to a rolling one. [`since`] makes a window since a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Window<'m> {
    /// Calendar units, the last of which is the current one.
    Calendar(TimeWindow),
    /// A duration that ends now, for example the last 24 hours: greater than zero, otherwise the
    /// limit returns `InvalidArgument`. Time is counted in milliseconds, so a shorter one is a
    /// millisecond.
    Rolling(Duration),
    /// The time since the latest recording of this event, which has to be a marker of the store.
    Since(&'m str),
}

/// The window that begins strictly after the latest recording of a marker. If the marker never
/// happened, or was erased, the window is all time.
///
/// A marker is an event that was declared with
/// [`EventStoreBuilder::with_marker`](crate::EventStoreBuilder::with_marker), or [`SESSION`] or
/// [`APP_VERSION`]. With another event, limits and questions return `ConfigMismatch`.
///
/// ```
/// use tiny_counter::{EventStore, since};
///
/// let store = EventStore::builder().with_marker("session_start").build().unwrap();
/// let show = |store: &EventStore| {
///     let once = store.limit().at_most("message", 1, since("session_start"));
///     once.check_and_record("message").is_ok()
/// };
/// store.record("session_start");
/// assert!(show(&store) && !show(&store));
/// store.record("session_start");
/// assert!(show(&store));
/// ```
#[inline]
pub fn since<M: EventId + ?Sized>(marker: &M) -> Window<'_> {
    Window::Since(marker.as_ref())
}

/// The window since the latest session of this device: [`since`] of [`SESSION`].
pub fn since_session() -> Window<'static> {
    Window::Since(SESSION)
}

/// The window since the version of the app last changed on this device: [`since`] of
/// [`APP_VERSION`].
pub fn since_app_version() -> Window<'static> {
    Window::Since(APP_VERSION)
}

impl From<TimeUnit> for Window<'_> {
    fn from(unit: TimeUnit) -> Self {
        Window::Calendar(unit.into())
    }
}

impl From<(usize, TimeUnit)> for Window<'_> {
    fn from(window: (usize, TimeUnit)) -> Self {
        Window::Calendar(window.into())
    }
}

impl From<TimeWindow> for Window<'_> {
    fn from(window: TimeWindow) -> Self {
        Window::Calendar(window)
    }
}

impl From<Duration> for Window<'_> {
    fn from(span: Duration) -> Self {
        Window::Rolling(span)
    }
}

/// Checks that a calendar window has at least one unit.
///
/// # Errors
/// `InvalidArgument` for a window of no units, which would limit nothing.
#[inline]
pub(crate) fn check_count(count: i64) -> Result<()> {
    if count > 0 { Ok(()) } else { Err(no_units(count)) }
}

/// Checks that a rolling window or a wait is longer than zero.
///
/// # Errors
/// `InvalidArgument` for zero and for a negative one, which would limit nothing.
#[inline]
pub(crate) fn check_millis(millis: i64) -> Result<()> {
    if millis > 0 { Ok(()) } else { Err(no_time()) }
}

#[cold]
fn no_units(count: i64) -> Error {
    Error::InvalidArgument(format!("a calendar window must have at least 1 unit, not {count}"))
}

#[cold]
pub(crate) fn no_time() -> Error {
    Error::InvalidArgument("the duration must be greater than zero".into())
}

/// Deserialization of windows that are checked.
#[cfg(feature = "serde")]
pub(crate) mod deserialize {
    use chrono::Duration;
    use serde::de::{Deserialize, Deserializer, Error};

    use crate::time::instant::millis_of;

    /// The number of units of a calendar window.
    pub(crate) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        let count = usize::deserialize(from)?;
        super::check_count(i64::try_from(count).unwrap_or(i64::MAX)).map_err(D::Error::custom)?;
        Ok(count)
    }

    /// The duration of a rolling window or a wait.
    pub(crate) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let duration = Duration::deserialize(from)?;
        super::check_millis(millis_of(duration)).map_err(D::Error::custom)?;
        Ok(duration)
    }
}
