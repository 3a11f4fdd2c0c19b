//! Moving the engine's clock. Every operation that depends on the time does this first, under the
//! engine lock.

use super::Shared;
use super::engine_guard::EngineGuard;
use crate::clock::TimeSource;
use crate::engine::Engine;
use crate::time::clock_watch::ClockWatch;

/// A reading of the store's clock.
#[derive(Default)]
pub(in crate::store) struct ClockReading {
    millis: i64,
    /// The state in which the clock was when an earlier reading was below it.
    doubted: Option<ClockWatch>,
}

impl ClockReading {
    #[inline]
    pub(in crate::store) fn new(millis: i64) -> ClockReading {
        ClockReading { millis, doubted: None }
    }
}

impl Shared {
    /// Moves the engine's clock to a reading. Returns false if the reading has to be renewed
    /// without the lock.
    ///
    /// A thread can come late with its reading, and a clock can be wrong once. So the clock is read
    /// once more before a step opens. The system's clock is read under the lock. A clock of the app
    /// runs any code, so it is read without the lock. Such a reading is used if no other thread
    /// moved the engine's clock meanwhile.
    #[inline]
    pub(in crate::store) fn move_clock(&self, engine: &mut Engine, reading: &mut ClockReading) -> bool {
        engine.clock.advance_forward(reading.millis) || self.move_clock_with_care(engine, reading)
    }

    #[cold]
    fn move_clock_with_care(&self, engine: &mut Engine, reading: &mut ClockReading) -> bool {
        let watch = engine.clock.watch;
        if watch.is_back(reading.millis) {
            match self.time_source {
                TimeSource::System => reading.millis = self.now(),
                TimeSource::Custom(_) if reading.doubted == Some(watch) => {}
                TimeSource::Custom(_) => {
                    reading.doubted = Some(watch);
                    return false;
                }
            }
        }
        let wanted = watch.wants_monotonic(reading.millis);
        let monotonic = if wanted { self.time_source.monotonic_millis() } else { None };
        engine.advance_clock(reading.millis, monotonic);
        true
    }

    /// Reads the clock anew. The engine lock must not be held.
    pub(super) fn renew(&self, reading: &mut ClockReading) {
        reading.millis = self.now();
    }

    /// Locks memory by `lock` and moves the engine's clock to the reading `now`.
    #[inline]
    pub(super) fn lock_at<'s, T>(
        &'s self,
        now: i64,
        lock: impl Fn() -> (EngineGuard<'s>, T),
    ) -> (EngineGuard<'s>, T) {
        let mut reading = ClockReading::new(now);
        loop {
            let (mut engine, with) = lock();
            if self.move_clock(&mut engine, &mut reading) {
                return (engine, with);
            }
            drop(engine);
            self.renew(&mut reading);
        }
    }
}
