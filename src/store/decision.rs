//! Decisions: a limit is checked at one instant, and what follows from it happens in the same step.

use std::sync::Arc;

use arrayvec::ArrayVec;
use chrono::Duration;

use super::reservation::Reservation;
use super::shared::Shared;
use super::stored_reservations::{ReservationKey, checked_duration};
use crate::bounds::MAX_RECORDED;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::event_id::checked_name;
use crate::limit::{Evaluation, Explanation, Limit, LimitUsage, RuleKind};
use crate::random::random;

/// A limit on a store, ready to be asked.
#[derive(Clone, Copy)]
pub(super) struct Decision<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) limit: &'a Limit,
    /// Whether the limit was checked for this store.
    pub(super) is_checked: bool,
}

impl<'a> Decision<'a> {
    #[inline(always)]
    pub(super) fn check(self, event: &str) -> Result<()> {
        self.decide(checked_name(event)?, |_| Ok(()))
    }

    #[inline(always)]
    pub(super) fn allowed(self, event: &str) -> bool {
        let passes = checked_name(event)
            .and_then(|name| self.evaluate(name, |evaluation| Ok(evaluation.allows(self.limit))));
        passes.unwrap_or(false)
    }

    #[inline(always)]
    pub(super) fn check_and_record(self, event: &str) -> Result<()> {
        let name = checked_name(event)?;
        self.decide(name, |engine| {
            self.record(engine, name);
            Ok(())
        })?;
        self.write_recorded(name)
    }

    /// Records the event if the limit passes, and returns whether it did. In contrast to
    /// `check_and_record` it writes nothing, and computes no details of a refusal.
    #[cfg(feature = "ffi")]
    pub(super) fn record_if_allowed(self, event: &str) -> Result<bool> {
        let name = checked_name(event)?;
        self.with_engine(name, |engine, app_answers| {
            let evaluation = Evaluation::new(engine.snapshot(), app_answers);
            let passes = evaluation.allows(self.limit);
            if passes {
                self.record(engine, name);
            }
            Ok(passes)
        })
    }

    /// Writes what a decision recorded. If that was written already, nothing is written.
    #[inline(always)]
    pub(super) fn write_recorded(self, event: &str) -> Result<()> {
        self.shared.write_decision(self.recorded(event))
    }

    #[inline(always)]
    pub(super) fn reserve(self, event: &str) -> Result<Reservation> {
        let name = checked_name(event)?;
        self.decide(name, |engine| {
            Ok(Reservation::new(self.shared, engine, name, self.limit.also_recorded()))
        })
    }

    pub(super) fn reserve_for(self, event: &str, duration: Duration) -> Result<ReservationKey> {
        let (name, duration) = (checked_name(event)?, checked_duration(duration)?);
        let random = random()?;
        self.shared.read_reserved();
        let names: ArrayVec<&str, MAX_RECORDED> = self.recorded(name).take(MAX_RECORDED).collect();
        let key = self.decide(name, |engine| engine.reserve_stored(&names, duration, random))?;
        self.shared.write_reservation(&names, key)
    }

    pub(super) fn usage(self, event: &str) -> Result<LimitUsage> {
        let name = checked_name(event)?;
        self.evaluate(name, |evaluation| {
            let mut least: Option<LimitUsage> = None;
            for (_, rule) in self.limit.children(0..self.limit.len()) {
                if rule.kind == RuleKind::AtMost && rule.event() == name {
                    let count = evaluation.verdict(&rule).count.unwrap_or(0);
                    let usage = LimitUsage::new(count, rule.threshold);
                    least = Some(least.filter(|least| least.remaining <= usage.remaining).unwrap_or(usage));
                }
            }
            let least = least.ok_or_else(usage_needs_a_rule)?;
            if !evaluation.is_known(name) && evaluation.pending(name) == 0 {
                return Err(Error::EventNotFound(name.to_owned()));
            }
            Ok(least)
        })
    }

    pub(super) fn explain(self, event: &str) -> Result<Explanation> {
        self.evaluate(checked_name(event)?, |evaluation| Ok(evaluation.explain(self.limit)))
    }

    /// What is recorded if the limit passes: `event`, and what the limit records beside it.
    #[inline]
    fn recorded(self, event: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        std::iter::once(event).chain(self.limit.also_recorded())
    }

    #[inline(always)]
    fn record(self, engine: &mut Engine, event: &'a str) {
        let recorded = self.recorded(event).map(|name| (name, 1));
        engine.record_together(recorded, |name| self.shared.may_hold(name));
    }

    /// Calls `then` in the same step if the limit passes.
    ///
    /// # Errors
    /// As `Limiter::check`, and those of `then`.
    #[inline(always)]
    fn decide<R>(self, event: &str, then: impl FnOnce(&mut Engine) -> Result<R>) -> Result<R> {
        self.with_engine(event, |engine, app_answers| {
            let evaluation = Evaluation::new(engine.snapshot(), app_answers);
            if !evaluation.allows(self.limit) {
                return Err(self.refuse(&evaluation, event));
            }
            then(engine)
        })
    }

    /// Evaluates the limit without a change.
    #[inline(always)]
    fn evaluate<R>(self, event: &str, then: impl FnOnce(&Evaluation<'_>) -> Result<R>) -> Result<R> {
        self.with_engine(event, |engine, app_answers| then(&Evaluation::new(engine.snapshot(), app_answers)))
    }

    /// Calls `then` at the instant of the decision, after the events of the limit were read and the
    /// app's own schedules were asked.
    #[inline(always)]
    fn with_engine<R>(self, event: &str, then: impl FnOnce(&mut Engine, u64) -> Result<R>) -> Result<R> {
        let now = self.shared.now();
        let (now, app_answers) = if self.limit.asks_app() { self.ask_app(now) } else { (now, 0) };
        let names = std::iter::once(event).chain(self.limit.events()).chain(self.limit.also_recorded());
        self.shared.with_loaded_at(names, now, |engine| {
            if !self.is_checked {
                self.limit.check_for(engine.snapshot())?;
            }
            self.check_also(event)?;
            then(engine, app_answers)
        })
    }

    /// Checks that the event of the decision is not recorded twice.
    #[inline]
    pub(super) fn check_also(self, event: &str) -> Result<()> {
        if self.limit.also_records(event) { Err(also_records_itself()) } else { Ok(()) }
    }

    /// Calls the app's own schedules before any lock, because they may call the store. A single
    /// reading of the clock can be wrong. So the clock is moved first, which confirms a reading
    /// that shows that it went back.
    #[cold]
    fn ask_app(self, now: i64) -> (i64, u64) {
        let clock = |engine: &mut Engine| (engine.clock.now(), engine.clock.reading);
        let (instant, reading) = self.shared.with_memory_at(now, clock);
        (reading, self.limit.ask_app(instant))
    }

    #[cold]
    fn refuse(self, evaluation: &Evaluation<'_>, event: &str) -> Error {
        Error::LimitExceeded(evaluation.refusal(self.limit, event))
    }
}

/// The error of `usage` without a rule that limits the event.
#[cold]
fn usage_needs_a_rule() -> Error {
    Error::ConfigMismatch("usage needs an \"at most\" rule on the event; add one to the limit".into())
}

#[cold]
fn also_records_itself() -> Error {
    let text = "the event of the decision is recorded anyway; do not name it among the events to also record";
    Error::InvalidArgument(text.into())
}
