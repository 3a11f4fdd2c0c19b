//! The steps of the devices, and which of them a kind of exploration has.

/// Devices and events are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Record(u8, u8),
    Persist(u8),
    /// Everything that is not durable is lost.
    Crash(u8),
    /// The second merges an export of the first.
    Hear(u8, u8),
    /// The second merges what the first has that is new to it.
    Delta(u8, u8),
    /// As `Hear` and `Delta`, in parts. The last one comes late.
    HearParts(u8, u8),
    DeltaParts(u8, u8),
    /// An export that comes late.
    Send(u8),
    /// What the first has that is new to the second. It comes late.
    SendDelta(u8, u8),
    /// The counter of one event, which comes late.
    SendSingle(u8, u8),
    /// Merges the n-th newest message that comes late. It can be merged again.
    Merge(u8, u8),
    Erase(u8, u8),
    EraseAll(u8),
    /// Replaces the events of the newest message that comes late.
    Import(u8),
    /// Takes over the counts of another library, the same on each device.
    TakeOver(u8),
    /// Keeps a copy of the storage.
    Backup(u8),
    Restore(u8),
    RestoreWithIdentity(u8),
    /// The second becomes a copy of the first.
    Twin(u8, u8),
    TwinWithIdentity(u8, u8),
    /// The device gets another identity.
    NewIdentity(u8),
    /// Two days pass for everybody.
    Pass,
    Age(u8),
    /// The clock is set back by two hours.
    SetBack(u8),
    SetRight(u8),
}
use Step::{
    Age, Backup, Crash, Delta, DeltaParts, Erase, EraseAll, Hear, HearParts, Import, Merge, NewIdentity,
    Pass, Persist, Record, Restore, RestoreWithIdentity, Send, SendDelta, SendSingle, SetBack, SetRight,
    TakeOver, Twin, TwinWithIdentity,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Recording, crashes, exports, sync states, late messages.
    Base,
    Erase,
    Parts,
    /// Backups, copies and other identities.
    Identity,
    /// Also copies with the same identity.
    Fork,
    Import,
    /// Counts of another library.
    TakeOver,
    Age,
    Clock,
    Everything,
}

pub(super) const DEVICES: u8 = 3;

/// How many devices and events a schedule has named. They are alike at the start, so number n is
/// named only after number n - 1 was.
#[derive(Clone, Copy, Default)]
pub(super) struct Named(u8, u8);

impl Named {
    /// For steps that are not the same for all devices and events.
    pub(super) const ALL: Named = Named(DEVICES, u8::MAX);

    /// After a step; absent if a number is named too early.
    pub(super) fn after(self, step: Step) -> Option<Named> {
        let (devices, event) = match step {
            Record(d, e) | SendSingle(d, e) | Erase(d, e) => ([Some(d), None], Some(e)),
            Hear(a, b)
            | Delta(a, b)
            | HearParts(a, b)
            | DeltaParts(a, b)
            | SendDelta(a, b)
            | Twin(a, b)
            | TwinWithIdentity(a, b) => ([Some(a), Some(b)], None),
            Persist(d)
            | Crash(d)
            | Send(d)
            | Merge(d, _)
            | EraseAll(d)
            | Import(d)
            | TakeOver(d)
            | Backup(d)
            | Restore(d)
            | RestoreWithIdentity(d)
            | NewIdentity(d)
            | Age(d)
            | SetBack(d)
            | SetRight(d) => ([Some(d), None], None),
            Pass => ([None; 2], None),
        };
        let name = |named: u8, number: u8| (number <= named).then_some(named.max(number + 1));
        let devices = devices.into_iter().flatten().try_fold(self.0, name)?;
        Some(Named(devices, event.map_or(Some(self.1), |event| name(self.1, event))?))
    }
}
