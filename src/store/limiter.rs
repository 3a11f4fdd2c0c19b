//! A limit: rules that must all pass, checked in one step.

use chrono::Duration;

use super::EventStore;
use super::reservation::Reservation;
use super::rules::Rules;
use super::stored_reservations::{ReservationKey, checked_duration};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::event_id::{EventId, checked_name};
use crate::limit::{
    Constraint, Evaluation, LimitExceeded, LimitUsage, OwnedSubject, Refusal, Rule, RuleKind, Schedule,
    Subject, Verdict,
};
use crate::random::random;
use crate::time::window::Window;

/// A limit on a store: rules that must all pass. `EventStore::limit` begins one.
#[derive(Clone)]
#[must_use = "a limit does nothing until it is checked"]
pub struct Limiter<'a> {
    store: &'a EventStore,
    rules: Rules,
}

impl EventStore {
    /// Begins a limit: rules that must all pass.
    ///
    /// ```
    /// use tiny_counter::{EventStore, TimeUnit};
    ///
    /// let store = EventStore::new();
    ///
    /// let result = store
    ///     .limit()
    ///     .at_most("api_call", 10, TimeUnit::Minutes)
    ///     .at_most("api_call", 100, TimeUnit::Hours)
    ///     .check_and_record("api_call");
    /// assert!(result.is_ok());
    /// ```
    #[inline(always)]
    pub fn limit(&self) -> Limiter<'_> {
        Limiter { store: self, rules: Rules::new() }
    }
}

impl<'a> Limiter<'a> {
    /// Adds a rule that was made elsewhere.
    pub fn constraint(mut self, constraint: Constraint) -> Self {
        let rule = Rule::from(constraint);
        let compact = rule.about(());
        match rule.subject {
            OwnedSubject::Event(event) => self.rules.push(&event, compact),
            OwnedSubject::Schedule(schedule) => self.rules.push_schedule(schedule, compact),
        }
        self
    }

    /// Adds a rule: it passes if the event happened fewer than `limit` times in the window.
    ///
    /// A window is a `TimeUnit` (the current one), a `(usize, TimeUnit)` (that many, the current
    /// one included) or a `Duration` (the time up to now), which is a rolling window. A calendar
    /// window has at most as many units as are tracked. A rolling window is at most as long as
    /// `EventStore::reach` of `Ever`.
    ///
    /// The rule compares the greatest number of times that the event can have happened in the
    /// window. The bucket in which a rolling window begins counts as a whole. With a limit of 1 a
    /// rolling window has any length and is exact to the millisecond. Pending reservations count.
    #[inline(always)]
    pub fn at_most(self, event_id: impl EventId, limit: u32, window: impl Into<Window>) -> Self {
        self.counted(event_id.as_ref(), RuleKind::AtMost, limit, window.into())
    }

    /// Adds a rule: it passes if the event happened at least `count` times in the window, which is
    /// given as for `at_most`. The rule compares the least number of times that the event can have
    /// happened in the window. If a rolling window begins inside a bucket, that bucket does not
    /// count. With a count of 1 a rolling window has any length and is exact to the millisecond.
    #[inline(always)]
    pub fn at_least(self, event_id: impl EventId, count: u32, window: impl Into<Window>) -> Self {
        self.counted(event_id.as_ref(), RuleKind::AtLeast, count, window.into())
    }

    /// Adds a rule: it passes if the event did not happen within the last `duration`, to the
    /// millisecond. It passes again as soon as `duration` has passed. Pending reservations count.
    #[inline(always)]
    pub fn cooldown(self, event_id: impl EventId, duration: Duration) -> Self {
        self.counted(event_id.as_ref(), RuleKind::Cooldown, 0, Window::Rolling(duration))
    }

    /// Adds a rule: it passes if the event happened within the last `duration`, to the millisecond.
    /// The instant that lies the whole `duration` ago is included.
    #[inline(always)]
    pub fn within(self, prerequisite_event: impl EventId, duration: Duration) -> Self {
        self.counted(prerequisite_event.as_ref(), RuleKind::Within, 0, Window::Rolling(duration))
    }

    /// Adds a rule: it passes if now is a time of the schedule.
    pub fn during(self, schedule: Schedule) -> Self {
        self.scheduled(schedule, RuleKind::During)
    }

    /// Adds a rule: it passes if now is not a time of the schedule.
    pub fn outside_of(self, schedule: Schedule) -> Self {
        self.scheduled(schedule, RuleKind::OutsideOf)
    }

    /// Checks whether `event_id` may happen now. Nothing is recorded.
    ///
    /// # Errors
    /// `LimitExceeded` if a rule refuses; `InvalidArgument` for a window of no units, and for a
    /// window or duration of less than 1 millisecond; `InvalidHour` or `InvalidRange` for the hours
    /// of a schedule; `ConfigMismatch` if the tracked units do not reach back over a window;
    /// `InvalidEvent` for a name of more than 1,024 bytes; an event that cannot be read; `Closed`.
    #[inline(always)]
    pub fn check(mut self, event_id: impl EventId) -> Result<()> {
        self.decide(checked_name(event_id.as_ref())?, |_| Ok(()))
    }

    /// Whether `event_id` may happen now. False if a rule refuses, and if the limit is invalid or
    /// an event cannot be read; call `check` to see the error.
    ///
    /// It does not compute the wait of a refusal, so it is faster than `check`.
    #[inline(always)]
    pub fn allowed(mut self, event_id: impl EventId) -> bool {
        let passes = checked_name(event_id.as_ref()).and_then(|name| {
            self.evaluate(name, |this, engine| {
                let refusal = this.first_refusal(&Evaluation::new(engine.snapshot()))?;
                Ok(refusal.is_none())
            })
        });
        passes.unwrap_or(false)
    }

    /// Records `event_id` if it may happen now. Checking and recording are one step. When this
    /// returns, the recording survives a kill of the process if the store has a storage.
    ///
    /// # Errors
    /// As `check`; nothing is recorded then. Also a storage that cannot be written; the event is
    /// counted then, so that the limit does not allow it again.
    #[inline(always)]
    pub fn check_and_record(mut self, event_id: impl EventId) -> Result<()> {
        let name = checked_name(event_id.as_ref())?;
        let shared = &self.store.shared;
        self.decide(name, |engine| {
            engine.record(name, 1, || shared.may_hold(name));
            Ok(())
        })?;
        shared.write_decision(name)
    }

    /// Reserves one `event_id` if it may happen now. The reservation counts for `at_most` and
    /// `cooldown` until it is committed or cancelled, and ends with the process.
    ///
    /// # Errors
    /// As `check`; nothing is reserved then.
    #[inline(always)]
    pub fn reserve(mut self, event_id: impl EventId) -> Result<Reservation> {
        let name = checked_name(event_id.as_ref())?;
        let erasures = self.decide(name, |engine| Ok(engine.reserve(name)))?;
        Ok(Reservation::new(&self.store.shared, name, erasures))
    }

    /// Reserves one `event_id` if it may happen now, so that the reservation survives a kill of the
    /// process. It is written before this returns, and counts for `at_most` and `cooldown` until
    /// `EventStore::commit_reservation` or `cancel_reservation` ends it, or until `duration` is
    /// over. Without a storage it ends with the store. Dropping the key changes nothing.
    ///
    /// # Errors
    /// As `check`; `Storage` if there are 256 stored reservations already; `InvalidArgument` for a
    /// duration of zero or less; `Unavailable` if the system has no random numbers; a storage that
    /// cannot be written. Nothing is reserved then.
    pub fn reserve_for(mut self, event_id: impl EventId, duration: Duration) -> Result<ReservationKey> {
        let (name, duration) = (checked_name(event_id.as_ref())?, checked_duration(duration)?);
        let random = random()?;
        self.store.shared.read_reserved();
        let key = self.decide(name, |engine| engine.reserve_stored(name, duration, random))?;
        self.store.shared.write_reservation(name, key)
    }

    /// How much is used of the `at_most` rule on `event_id` that allows the fewest more.
    ///
    /// # Errors
    /// As `check`, except `LimitExceeded`: every rule must be valid, although only some of them
    /// limit the event. Also `EventNotFound` if the event is neither known nor reserved, and
    /// `ConfigMismatch` if there is no such rule.
    pub fn usage(mut self, event_id: impl EventId) -> Result<LimitUsage> {
        let name = checked_name(event_id.as_ref())?;
        let now = self.evaluate_schedules();
        self.store.shared.with_loaded_at(self.rules.events().chain([name]), now, |engine| {
            let evaluation = Evaluation::new(engine.snapshot());
            let mut least: Option<LimitUsage> = None;
            for rule in self.rules.iter() {
                let verdict = evaluation.verdict(&rule)?;
                if rule.kind == RuleKind::AtMost && rule.event() == name {
                    let usage = LimitUsage::new(verdict.count.unwrap_or(0), rule.threshold);
                    least = Some(least.filter(|least| least.remaining <= usage.remaining).unwrap_or(usage));
                }
            }
            if engine.snapshot().reading(name).is_none() && evaluation.pending(name) == 0 {
                return Err(Error::EventNotFound(name.to_owned()));
            }
            least.ok_or_else(usage_needs_a_rule)
        })
    }

    #[inline(always)]
    fn counted(mut self, event: &str, kind: RuleKind, threshold: u32, window: Window) -> Self {
        self.rules.push(event, Rule::new(kind, threshold, window, ()));
        self
    }

    fn scheduled(mut self, schedule: Schedule, kind: RuleKind) -> Self {
        let rule = Rule::new(kind, 0, Window::Rolling(Duration::zero()), ());
        self.rules.push_schedule(schedule, rule);
        self
    }

    /// Reads the clock, and calls the app's own schedules for the instant that it shows. It happens
    /// before any lock, because they may call the store.
    #[inline]
    fn evaluate_schedules(&mut self) -> i64 {
        let now = self.store.shared.now();
        if self.rules.asks_app() { self.ask_app(now) } else { now }
    }

    /// A single reading can be wrong. So the clock is moved first, which confirms a reading that
    /// shows that it went back.
    #[cold]
    fn ask_app(&mut self, now: i64) -> i64 {
        let clock = |engine: &mut Engine| (engine.clock.now(), engine.clock.reading);
        let (instant, reading) = self.store.shared.with_memory_at(now, clock);
        self.rules.evaluate_schedules(instant);
        reading
    }

    /// Calls `then` in the same step if every rule passes.
    ///
    /// # Errors
    /// As `check`, and those of `then`.
    #[inline(always)]
    fn decide<R>(&mut self, event: &str, then: impl FnOnce(&mut Engine) -> Result<R>) -> Result<R> {
        self.evaluate(event, |this, engine| {
            let evaluation = Evaluation::new(engine.snapshot());
            match this.first_refusal(&evaluation)? {
                None => then(engine),
                Some((place, rule, verdict)) => {
                    let first = refusal(&evaluation, place, &rule, &verdict);
                    Err(this.refuse(&evaluation, event, first))
                }
            }
        })
    }

    /// Calls `then` at the instant of the decision, after the events of the rules were read.
    #[inline(always)]
    fn evaluate<R>(&mut self, event: &str, then: impl FnOnce(&Self, &mut Engine) -> Result<R>) -> Result<R> {
        let now = self.evaluate_schedules();
        let this = &*self;
        this.store.shared.with_loaded_at(this.rules.events().chain([event]), now, |engine| then(this, engine))
    }

    /// The first rule that does not pass, its place in the limit, and what it says.
    #[inline]
    fn first_refusal<'s>(
        &'s self,
        evaluation: &Evaluation<'_>,
    ) -> Result<Option<(usize, Rule<Subject<'s>>, Verdict)>> {
        for (place, rule) in self.rules.iter().enumerate() {
            // Matching in place keeps the verdict of a rule that passes from being copied.
            match evaluation.verdict(&rule) {
                Ok(Verdict { passes: true, .. }) => {}
                Ok(verdict) => return Ok(Some((place, rule, verdict))),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The refusal by `first` and by every later rule that does not pass.
    #[cold]
    fn refuse(&self, evaluation: &Evaluation<'_>, event: &str, first: Refusal) -> Error {
        let mut more = Vec::new();
        for (place, rule) in self.rules.iter().enumerate().skip(first.place + 1) {
            match evaluation.verdict(&rule) {
                Ok(verdict) if verdict.passes => {}
                Ok(verdict) => more.push(refusal(evaluation, place, &rule, &verdict)),
                Err(error) => return error,
            }
        }
        Error::LimitExceeded(LimitExceeded::new(event, first, more))
    }
}

/// The error of `usage` without a rule that limits the event.
#[cold]
fn usage_needs_a_rule() -> Error {
    Error::ConfigMismatch("usage needs an \"at most\" rule on the event; add one to the limit".into())
}

fn refusal(
    evaluation: &Evaluation<'_>,
    place: usize,
    rule: &Rule<Subject<'_>>,
    verdict: &Verdict,
) -> Refusal {
    Refusal {
        place,
        constraint: rule.into(),
        count: verdict.count,
        after_loss: verdict.after_loss,
        retry_after: evaluation.retry_after(rule),
    }
}
