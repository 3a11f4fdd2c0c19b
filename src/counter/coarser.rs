//! Lanes without counts in a unit, because their device, or this store before an update, did not
//! track it. Their counts in the next coarser unit give an upper bound.

use super::body::{Head, SeenTimes};
use super::cell::Cell;
use super::reading::Reading;
use super::series::Pairs;
use super::tracking::Tracking;
use crate::time::bucket::Numbers;
use crate::time::unit::Unit;
use crate::time::zone::Zone;

/// The counts of one lane.
#[derive(Clone, Copy)]
enum Lane<'a> {
    Own(&'a Cell, &'a Tracking),
    Other(Head<'a>),
}

/// What a lane has instead of counts in a unit.
enum Substitute<'a> {
    /// Nothing, because it has counts in the unit.
    NotNeeded,
    /// The next coarser unit with counts.
    Coarser(Unit, Pairs<'a>),
    /// It has counts in no coarser unit, so only its lifetime is known.
    Lifetime,
}

impl Reading<'_> {
    /// An upper bound of the counts since `start` of the lanes that have no counts in `unit`. For
    /// such a lane it adds whole buckets of the next coarser unit with counts. A lane that was last
    /// seen before `start` adds nothing.
    pub(crate) fn coarse_upper_bound(&self, unit: Unit, start: impl Fn() -> i64, zone: &Zone) -> u64 {
        let others = self.others.iter().filter_map(|cell| {
            let head = cell.body.head();
            let is_believed = self.view.believes(head.seen) || self.view.is_local_legacy(cell.lane);
            is_believed.then_some(Lane::Other(head))
        });
        let bounds = self.own_lane().into_iter().chain(others).map(|lane| lane.bound(unit, &start, zone));
        bounds.fold(0, u64::saturating_add)
    }

    /// The series of coarser units that `coarse_upper_bound` sums, and those of lanes that are not
    /// believed.
    pub(crate) fn coarser(&self, unit: Unit) -> impl Iterator<Item = (Unit, Pairs<'_>)> {
        let others = self.others.iter().map(|cell| Lane::Other(cell.body.head()));
        self.own_lane().into_iter().chain(others).filter_map(move |lane| match lane.substitute(unit) {
            Substitute::Coarser(coarser, pairs) => Some((coarser, pairs)),
            Substitute::NotNeeded | Substitute::Lifetime => None,
        })
    }

    fn own_lane(&self) -> Option<Lane<'_>> {
        self.own.map(|cell| Lane::Own(cell, self.tracking))
    }
}

impl<'a> Lane<'a> {
    fn pairs(self, unit: Unit) -> Pairs<'a> {
        match self {
            Lane::Own(cell, tracking) => {
                tracking.find(unit).map_or_else(Pairs::none, |(index, _)| cell.pairs(tracking, index))
            }
            Lane::Other(head) => head.pairs(unit),
        }
    }

    /// The seen times and the lifetime count; `None` if it counted nothing.
    fn seen(self) -> Option<(SeenTimes, u64)> {
        match self {
            Lane::Own(cell, _) => cell.seen().zip(Some(cell.lifetime)),
            Lane::Other(head) => head.seen.zip(Some(head.lifetime)),
        }
    }

    fn substitute(self, unit: Unit) -> Substitute<'a> {
        let has_counts = |pairs: &Pairs<'_>| pairs.clone().next().is_some();
        if has_counts(&self.pairs(unit)) {
            return Substitute::NotNeeded;
        }
        let coarser = Unit::ALL.into_iter().filter(|other| *other > unit);
        let mut coarser = coarser.map(|other| (other, self.pairs(other)));
        coarser
            .find(|(_, pairs)| has_counts(pairs))
            .map_or(Substitute::Lifetime, |(unit, pairs)| Substitute::Coarser(unit, pairs))
    }

    /// `Reading::coarse_upper_bound` for one lane.
    fn bound(self, unit: Unit, start: &impl Fn() -> i64, zone: &Zone) -> u64 {
        let Some((seen, lifetime)) = self.seen() else { return 0 };
        let substitute = self.substitute(unit);
        if matches!(substitute, Substitute::NotNeeded) {
            return 0;
        }
        let start = start();
        if seen.last < start {
            return 0;
        }
        let Substitute::Coarser(coarser, pairs) = substitute else { return lifetime };
        let lowest = Numbers::at(start, zone.segment(start).offset).get(coarser);
        let inside = pairs.take_while(|(number, _)| *number >= lowest);
        inside.fold(0, |sum, (_, count)| sum.saturating_add(count))
    }
}
