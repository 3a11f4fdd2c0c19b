//! Limits: rules that must all pass, checked once and asked again and again.

use std::sync::Arc;

use super::checked;
use super::direct::{EventLimit, Number, Numbered};
use super::error::EventStoreError;
use super::explanation::Explanation;
use super::limit::{Decision, LimitMode, LimitRefusal, LimitUsage, Refusal, StoredReservationDecision};
use super::rehearsal::Occurrence;
use super::reservation::Reservation;
use super::rule::Limit;
use super::store::EventStore;
use crate::{Error, LimitExceeded};

/// A limit on one event: rules that must all pass. It can be asked any number of times, from any
/// thread. It does not keep its store open: once the store is closed or released, the calls fail
/// with `Closed`.
#[derive(Debug, uniffi::Object)]
pub struct PreparedLimit {
    limit: Arc<EventLimit>,
    number: Number,
}

#[uniffi::export]
impl EventStore {
    /// Makes a limit on `event` ready to be asked. Its rules must all pass. A limit that could
    /// never be asked is an error here.
    ///
    /// Fails with `InvalidArgument` for a number out of bounds, for a window that the tracked units
    /// do not reach back over or that begins with an event that is not a marker of the store, for
    /// more than 64 rules, for groups without rules or more than 4 deep, for a name of more than
    /// 1,024 bytes of UTF-8, and for more than 8 names in `also_record`, a name that stands there
    /// twice, or `event` among them.
    pub fn prepare(&self, event: String, limit: Limit) -> Result<Arc<PreparedLimit>, EventStoreError> {
        let core = self.core.prepare(limit.try_into()?)?;
        core.check_event(&event)?;
        let limit = Arc::new(EventLimit { core, event });
        let number = Number::of(Numbered::Limit(limit.clone()));
        Ok(Arc::new(PreparedLimit { limit, number }))
    }
}

#[uniffi::export]
impl PreparedLimit {
    /// Decides whether the event may happen now: every rule must pass. The decision and what `mode`
    /// does are one step. A refusal is an answer and not an error.
    ///
    /// Fails with `Unavailable` or `Corrupt` if an event cannot be read; with `Closed`. Nothing is
    /// recorded then. In the mode `Record` it fails with `NotWritten` if the limit allowed the
    /// event and it cannot be written; the event is counted then.
    pub fn decide(&self, mode: LimitMode) -> Result<Decision, EventStoreError> {
        let EventLimit { core, event } = &*self.limit;
        let allowed = match mode {
            LimitMode::Check => core.check(event).map(|()| None),
            LimitMode::Record => core.check_and_record(event).map(|()| None),
            LimitMode::Reserve => core.reserve(event).map(Some),
        };
        match allowed {
            Ok(reserved) => {
                let reservation = reserved.map(|core| Arc::new(Reservation { core }));
                Ok(Decision::Allowed { reservation })
            }
            Err(Error::LimitExceeded(refused)) => Ok(Decision::Refused { refusal: self.refusal(&refused) }),
            Err(error) => Err(error.into()),
        }
    }

    /// The number that the symbols `tiny_counter_allowed` and `tiny_counter_check_and_record` take.
    /// It is valid as long as this object exists.
    pub fn number(&self) -> i64 {
        self.number.0
    }

    /// Writes what `tiny_counter_check_and_record` recorded and could not write. If it was written
    /// meanwhile, nothing is written.
    ///
    /// Fails with `NotWritten` if the event cannot be written; with `Closed`. The event is counted
    /// in any case.
    pub fn write(&self) -> Result<(), EventStoreError> {
        Ok(self.limit.core.write_recorded(&self.limit.event)?)
    }

    /// Whether the event may happen now. False if a rule refuses and if `decide` fails. Nothing is
    /// recorded. It does not compute why a limit refuses, so it is faster than `decide`.
    pub fn allowed(&self) -> bool {
        self.limit.core.allowed(&self.limit.event)
    }

    /// Reserves one event for `millis` milliseconds if every rule passes, so that the reservation
    /// survives a kill of the process. It is written before this returns. In a store in memory it
    /// ends with the store. It counts for rules of the kinds `AtMost` and `Cooldown` until
    /// `commit_reservation` or `cancel_reservation` ends it, or until it expires. A refusal is an
    /// answer and not an error.
    ///
    /// Fails as `decide` does; with `InvalidArgument` for a duration of zero or less, or of
    /// more than 10,000 years; with `Storage` if there would be more than 256 stored
    /// reservations, of which each event that is also recorded takes one; with `Storage` or
    /// `Unavailable` if the reservation cannot be written. Nothing is reserved then.
    pub fn reserve_for(&self, millis: i64) -> Result<StoredReservationDecision, EventStoreError> {
        match self.limit.core.reserve_for(&self.limit.event, checked::span(millis)?) {
            Ok(key) => Ok(StoredReservationDecision::Reserved { key: checked::signed(u64::from(key)) }),
            Err(Error::LimitExceeded(refused)) => {
                Ok(StoredReservationDecision::Refused { refusal: self.refusal(&refused) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How much is used of the rule `AtMost` on the event that allows the fewest more; absent if
    /// the event was neither recorded nor reserved. Rules in groups do not count.
    ///
    /// Fails as `decide` does, and with `InvalidArgument` if there is no such rule, whether or not
    /// the event was recorded.
    pub fn usage(&self) -> Result<Option<LimitUsage>, EventStoreError> {
        match self.limit.core.usage(&self.limit.event) {
            Ok(usage) => Ok(Some(usage.into())),
            Err(Error::EventNotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What each rule counts and says now, as data and as a table in English: for a debug screen or
    /// a bug report. It names no events other than those of the rules.
    ///
    /// Fails as `decide` does in the mode `Check`.
    pub fn explain(&self) -> Result<Explanation, EventStoreError> {
        Ok(self.limit.core.explain(&self.limit.event)?.into())
    }

    /// Returns those of the instants `asked` at which the limit would have allowed the event, in
    /// ascending order, if everything in `history` had been recorded when it happened, and the
    /// event whenever it was allowed. What happens at the same instant counts before it is asked.
    /// The counts of the store are neither read nor changed: it only gives the tracked units and
    /// the time zone. Instants are in milliseconds since the Unix epoch.
    ///
    /// Fails with `InvalidArgument` for a count outside 0 to 4,294,967,295, for an instant outside
    /// the years 1 to 9999 or outside of the table of the time zone, and for a name of more than
    /// 1,024 bytes of UTF-8.
    pub fn rehearse(&self, history: Vec<Occurrence>, asked: Vec<i64>) -> Result<Vec<i64>, EventStoreError> {
        let history: Result<Vec<_>, _> = history.into_iter().map(crate::Occurrence::try_from).collect();
        let asked: Result<Vec<_>, _> = asked.into_iter().map(checked::instant).collect();
        let allowed = self.limit.core.rehearse(&self.limit.event, history?, asked?)?;
        Ok(allowed.into_iter().map(|at| at.timestamp_millis()).collect())
    }
}

impl PreparedLimit {
    fn refusal(&self, refused: &LimitExceeded) -> LimitRefusal {
        LimitRefusal {
            refusals: refused.all().iter().map(Refusal::from).collect(),
            retry_after_millis: refused.allowed_after().map(|wait| wait.num_milliseconds()),
            retry_at_unix_millis: self.limit.core.allowed_at(refused),
        }
    }
}
