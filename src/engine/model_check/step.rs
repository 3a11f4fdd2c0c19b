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
    Twin, TwinWithIdentity,
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
    Age,
    Clock,
    Everything,
}

pub(super) const DEVICES: u8 = 3;

impl Kind {
    /// Its steps for some of the devices and events.
    pub(super) fn steps(self, devices: u8, events: u8) -> Vec<Step> {
        let is = |kinds: &[Kind]| self == Kind::Everything || kinds.contains(&self);
        let mut steps = Vec::new();
        let add = |steps: &mut Vec<Step>, is_wanted: bool, more: &[Step]| {
            steps.extend(more.iter().filter(|_| is_wanted).copied());
        };
        for d in 0..devices {
            for e in 0..events {
                add(&mut steps, true, &[Record(d, e)]);
                add(&mut steps, is(&[Kind::Base, Kind::Import]), &[SendSingle(d, e)]);
                add(
                    &mut steps,
                    is(&[Kind::Erase, Kind::Import, Kind::Age, Kind::Clock, Kind::Fork]),
                    &[Erase(d, e)],
                );
            }
            add(&mut steps, self != Kind::Import, &[Persist(d)]);
            add(&mut steps, is(&[Kind::Base, Kind::Erase, Kind::Parts, Kind::Clock]), &[Crash(d)]);
            add(
                &mut steps,
                is(&[Kind::Base, Kind::Erase, Kind::Import, Kind::Identity, Kind::Age]),
                &[Send(d), Merge(d, 0)],
            );
            add(&mut steps, is(&[Kind::Parts]), &[Merge(d, 0), Merge(d, 1)]);
            add(&mut steps, is(&[Kind::Erase, Kind::Parts, Kind::Identity]), &[EraseAll(d)]);
            add(&mut steps, is(&[Kind::Import]), &[Import(d)]);
            add(&mut steps, is(&[Kind::Identity, Kind::Fork]), &[Backup(d)]);
            add(&mut steps, is(&[Kind::Identity]), &[RestoreWithIdentity(d), NewIdentity(d)]);
            add(&mut steps, is(&[Kind::Fork]), &[Restore(d)]);
            add(&mut steps, is(&[Kind::Age]), &[Age(d)]);
            add(&mut steps, is(&[Kind::Clock]), &[SetBack(d), SetRight(d)]);
            for other in (0..devices).filter(|other| *other != d) {
                add(&mut steps, self != Kind::Parts, &[Delta(d, other)]);
                add(&mut steps, !matches!(self, Kind::Parts | Kind::Import), &[Hear(d, other)]);
                add(&mut steps, is(&[Kind::Base, Kind::Erase]), &[SendDelta(d, other)]);
                add(&mut steps, is(&[Kind::Parts]), &[HearParts(d, other), DeltaParts(d, other)]);
                add(&mut steps, is(&[Kind::Identity]), &[TwinWithIdentity(d, other)]);
                add(&mut steps, is(&[Kind::Fork]), &[Twin(d, other)]);
            }
        }
        add(&mut steps, is(&[Kind::Age, Kind::Clock]), &[Pass]);
        steps
    }
}

/// How many devices and events a schedule has named. They are alike at the start, so number n is
/// named only after number n - 1 was.
#[derive(Clone, Copy, Default)]
pub(super) struct Named(u8, u8);

impl Named {
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

pub(super) fn by_text(text: &str) -> Vec<Step> {
    let mut all = Vec::new();
    for d in 0..3 {
        for e in 0..2 {
            all.extend([Record(d, e), SendSingle(d, e), Erase(d, e), Merge(d, e)]);
        }
        all.extend([
            Persist(d),
            Crash(d),
            Send(d),
            EraseAll(d),
            Import(d),
            Backup(d),
            Restore(d),
            RestoreWithIdentity(d),
            NewIdentity(d),
            Age(d),
            SetBack(d),
            SetRight(d),
        ]);
        for o in (0..3).filter(|o| *o != d) {
            all.extend([
                Hear(d, o),
                Delta(d, o),
                HearParts(d, o),
                DeltaParts(d, o),
                SendDelta(d, o),
                Twin(d, o),
                TwinWithIdentity(d, o),
            ]);
        }
    }
    all.push(Pass);
    text.split(';')
        .map(|one| {
            *all.iter()
                .find(|step| format!("{step:?}").replace(' ', "") == one)
                .unwrap_or_else(|| panic!("{one}"))
        })
        .collect()
}
