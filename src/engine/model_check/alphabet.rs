//! The steps that schedules are made of. With few steps all long schedules can be explored, with
//! all steps of a kind all short ones.

use super::step::Step::{
    self, Age, Backup, Crash, Delta, DeltaParts, Erase, EraseAll, Hear, HearParts, Import, Merge,
    NewIdentity, Pass, Persist, Record, Restore, RestoreWithIdentity, Send, SendDelta, SendSingle, SetBack,
    SetRight, TakeOver, Twin, TwinWithIdentity,
};
use super::step::{DEVICES, Kind};

impl Kind {
    /// A few of its steps: of two devices, most with one event, and of three devices that hear each
    /// other in a circle.
    pub(super) fn few_steps(self) -> [Vec<Step>; 2] {
        let record = [Record(0, 0), Record(1, 0)];
        let deltas = [Delta(0, 1), Delta(1, 0)];
        let two = |more: &[Step]| [&record, more].concat();
        let circle = [Record(0, 0), Record(1, 1), Hear(0, 1), Delta(1, 2), Delta(2, 0)];
        let three = |more: &[Step]| [&circle, more].concat();
        match self {
            Kind::Base => [
                two(&[
                    deltas[0],
                    deltas[1],
                    Persist(0),
                    Crash(0),
                    Crash(1),
                    Send(0),
                    Merge(1, 0),
                    SendDelta(1, 0),
                    Merge(0, 0),
                ]),
                three(&[Crash(1), Send(1), Merge(2, 0), Merge(0, 0)]),
            ],
            Kind::Erase => [
                two(&[Hear(0, 1), Delta(1, 0), Erase(0, 0), Erase(1, 0), Crash(0), Crash(1)]),
                three(&[EraseAll(1), Erase(2, 0), Send(0), Merge(2, 0)]),
            ],
            Kind::Parts => [
                two(&[
                    Record(0, 1),
                    HearParts(0, 1),
                    DeltaParts(1, 0),
                    Merge(1, 0),
                    Merge(1, 1),
                    EraseAll(0),
                ]),
                vec![
                    Record(0, 0),
                    Record(1, 1),
                    HearParts(0, 1),
                    DeltaParts(1, 2),
                    DeltaParts(2, 0),
                    Merge(1, 0),
                    Merge(2, 0),
                    Merge(0, 1),
                    EraseAll(1),
                ],
            ],
            Kind::Identity => [
                two(&[
                    deltas[0],
                    deltas[1],
                    Persist(0),
                    Backup(0),
                    RestoreWithIdentity(0),
                    NewIdentity(1),
                    TwinWithIdentity(0, 1),
                    EraseAll(1),
                ]),
                three(&[Backup(0), RestoreWithIdentity(0), TwinWithIdentity(0, 2), EraseAll(2)]),
            ],
            Kind::Fork => [
                two(&[deltas[0], deltas[1], Persist(0), Backup(0), Restore(0), Twin(0, 1), Erase(1, 0)]),
                three(&[Record(2, 0), Persist(0), Twin(0, 2), Erase(1, 0)]),
            ],
            Kind::Import => [
                two(&[
                    deltas[0],
                    deltas[1],
                    SendSingle(0, 0),
                    SendSingle(1, 0),
                    Import(0),
                    Import(1),
                    Merge(0, 0),
                    Erase(1, 0),
                ]),
                three(&[Record(1, 0), SendSingle(1, 0), Import(0), Import(2), Erase(2, 0)]),
            ],
            Kind::TakeOver => [
                two(&[
                    deltas[0],
                    deltas[1],
                    TakeOver(0),
                    TakeOver(1),
                    TwinWithIdentity(0, 1),
                    Erase(0, 0),
                    Erase(1, 0),
                ]),
                three(&[TakeOver(0), TakeOver(2), Erase(2, 0), Send(0), Merge(2, 0)]),
            ],
            Kind::Age => [
                two(&[deltas[0], deltas[1], Pass, Age(0), Erase(0, 0), Send(0), Merge(1, 0)]),
                three(&[Pass, Age(1), Erase(2, 0)]),
            ],
            Kind::Clock => [
                two(&[deltas[0], deltas[1], Pass, SetBack(0), SetRight(0), Erase(1, 0)]),
                three(&[Pass, SetBack(0), SetRight(0), Crash(0)]),
            ],
            Kind::Everything => [
                two(&[
                    Hear(0, 1),
                    Delta(1, 0),
                    Persist(0),
                    Backup(0),
                    Restore(0),
                    SendSingle(1, 0),
                    Import(0),
                    Erase(1, 0),
                    SetBack(0),
                ]),
                vec![
                    Record(0, 0),
                    Record(1, 0),
                    Persist(0),
                    Twin(0, 2),
                    Crash(2),
                    Send(0),
                    Import(1),
                    Merge(2, 0),
                    Delta(1, 2),
                    Hear(2, 0),
                    Erase(1, 0),
                    SetBack(1),
                    Age(2),
                ],
            ],
        }
    }

    /// All of its steps.
    pub(super) fn steps(self) -> Vec<Step> {
        let (devices, events) = (DEVICES, 2);
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
                    is(&[Kind::Erase, Kind::Import, Kind::TakeOver, Kind::Age, Kind::Clock, Kind::Fork]),
                    &[Erase(d, e)],
                );
            }
            add(&mut steps, self != Kind::Import, &[Persist(d)]);
            add(
                &mut steps,
                is(&[Kind::Base, Kind::Erase, Kind::Parts, Kind::TakeOver, Kind::Clock]),
                &[Crash(d)],
            );
            add(
                &mut steps,
                is(&[Kind::Base, Kind::Erase, Kind::Import, Kind::Identity, Kind::Age]),
                &[Send(d), Merge(d, 0)],
            );
            add(&mut steps, is(&[Kind::Parts]), &[Merge(d, 0), Merge(d, 1)]);
            add(&mut steps, is(&[Kind::Erase, Kind::Parts, Kind::Identity]), &[EraseAll(d)]);
            add(&mut steps, is(&[Kind::Import]), &[Import(d)]);
            add(&mut steps, is(&[Kind::TakeOver]), &[TakeOver(d)]);
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
