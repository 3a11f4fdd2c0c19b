//! The join of the cells of one event, and what is left of them after erasing and replacing.
//!
//! Of each cell both versions are joined. The join is commutative, associative and idempotent,
//! because each lane has one writer, the counts of a cell only grow, and what is erased or replaced
//! never comes back.

use std::cmp::{Ordering, max_by};
use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::body::Body;
use super::lane::{CellKey, LaneCell, LaneId, Replaced};

/// The result of a join.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    /// Whether a cell that was known changed.
    pub(crate) is_changed: bool,
    /// Whether its counts did.
    pub(crate) counts_changed: bool,
    /// The cells that were not known.
    pub(crate) added: Vec<CellKey>,
    /// How many versions differed because two stores counted in the cell.
    pub(crate) conflicts: usize,
    /// The lanes of cells in which two stores counted.
    pub(crate) forked: Vec<LaneId>,
}

impl LaneCell {
    /// Joins this version of a cell with another one.
    fn join(&mut self, other: LaneCell, joined: &mut Joined, age: impl Fn(&mut LaneCell)) {
        if *self == other {
            return;
        }
        let replaced = self.replaced.joined(&other.replaced);
        let is_later = compare(self, &other) == Ordering::Less;
        let (later, earlier) = if is_later { (&other, &*self) } else { (&*self, &other) };
        let (body, is_conflict) = later.joined_body(earlier);
        joined.conflicts += usize::from(is_conflict);
        let mut result = LaneCell { stamp: later.stamp, replaced, body, ..*self };
        age(&mut result);
        joined.counts_changed |= result.body != self.body;
        joined.is_changed |= result != *self;
        joined.forked.extend(result.body.is_forked().then_some(result.lane));
        *self = result;
    }

    /// The body of the join with an earlier version, and whether two stores counted in the cell.
    fn joined_body(&self, earlier: &LaneCell) -> (Body, bool) {
        if self.is_import() {
            // Both hold the same counts, in the buckets of the zones of two stores.
            let size = |body: &&Body| (body.head().lifetime, body.bytes().len());
            let order = |one: &&Body, other: &&Body| size(one).cmp(&size(other)).then_with(|| one.cmp(other));
            return (max_by(&self.body, &earlier.body, order).clone(), false);
        }
        match self.body.joined(&earlier.body) {
            Some(body) => (body, true),
            None => (self.body.clone(), false),
        }
    }
}

/// Compares two versions of a cell by age. Of versions with the same stamp, ageing may have dropped
/// buckets from one.
fn compare(one: &LaneCell, other: &LaneCell) -> Ordering {
    let rank = |cell: &LaneCell| (cell.stamp, cell.body.bytes().len());
    rank(one).cmp(&rank(other)).then_with(|| one.body.cmp(&other.body))
}

/// Joins two lists of cells of one event. Both ascend by key. `age` is applied to what is joined.
pub(crate) fn join(
    ours: &mut Vec<LaneCell>,
    theirs: Vec<LaneCell>,
    age: impl Fn(&mut LaneCell) + Copy,
) -> Joined {
    let mut joined = Joined::default();
    let mut known = std::mem::take(ours).into_iter().peekable();
    for mut cell in theirs {
        while let Some(before) = known.next_if(|known| known.key() < cell.key()) {
            ours.push(before);
        }
        match known.next_if(|known| known.key() == cell.key()) {
            Some(mut same) => {
                same.join(cell, &mut joined, age);
                ours.push(same);
            }
            None => {
                age(&mut cell);
                joined.added.push(cell.key());
                joined.forked.extend(cell.body.is_forked().then_some(cell.lane));
                ours.push(cell);
            }
        }
    }
    ours.extend(known);
    joined
}

/// Of the cells of one event, each given with those that it replaces, the ones that are neither
/// erased nor replaced. Also the cells that become erased by this.
///
/// If a cell that another one replaced is erased, the other one is erased too, with all that it
/// replaced. Otherwise these would count again with the next store that shows them.
pub(crate) fn settle(
    cells: &[(CellKey, Replaced)],
    is_erased: impl Fn(CellKey) -> bool,
) -> (Vec<CellKey>, Vec<CellKey>) {
    // Which cells die if a key is erased.
    let mut dependents: HashMap<CellKey, Vec<usize>, RandomState> = HashMap::default();
    for (index, (key, replaced)) in cells.iter().enumerate() {
        let fatal = replaced.cells().iter().filter(|one| one.is_fatal()).map(|one| one.key);
        fatal.chain([*key]).for_each(|key| dependents.entry(key).or_default().push(index));
    }
    let mut newly_erased: HashSet<CellKey, RandomState> = HashSet::default();
    let mut dead = vec![false; cells.len()];
    let mut dying: Vec<usize> =
        dependents.iter().filter(|(key, _)| is_erased(**key)).flat_map(|(_, cells)| cells).copied().collect();
    while let Some(index) = dying.pop() {
        let (Some((key, replaced)), Some(is_dead)) = (cells.get(index), dead.get_mut(index)) else {
            continue;
        };
        if std::mem::replace(is_dead, true) {
            continue;
        }
        let erased = replaced.cells().iter().filter(|one| one.is_erased_too()).map(|one| one.key);
        for key in erased.chain([*key]) {
            if !is_erased(key) && newly_erased.insert(key) {
                dying.extend(dependents.get(&key).into_iter().flatten());
            }
        }
    }
    let alive = || cells.iter().zip(&dead).filter(|(_, is_dead)| !**is_dead).map(|(cell, _)| cell);
    let replaced: HashSet<CellKey, RandomState> =
        alive().flat_map(|(_, replaced)| replaced.cells()).map(|one| one.key).collect();
    let left = alive().map(|(key, _)| *key).filter(|key| !replaced.contains(key)).collect();
    (left, newly_erased.into_iter().collect())
}

/// Which of the cells of one event count. Of cells that replace the same cell only the youngest
/// does.
pub(crate) fn counted(cells: &[LaneCell]) -> Vec<bool> {
    let rank = |cell: &LaneCell| (cell.birth, cell.lane);
    // Of each cell that is replaced, the youngest one that replaces it.
    let mut youngest: HashMap<CellKey, _, RandomState> = HashMap::default();
    for cell in cells {
        for replaced in cell.replaced.cells() {
            let known = youngest.entry(replaced.key).or_insert(rank(cell));
            *known = rank(cell).max(*known);
        }
    }
    let is_youngest =
        |cell: &LaneCell, key: &CellKey| youngest.get(key).is_none_or(|known| *known <= rank(cell));
    let counts = |cell: &LaneCell| cell.replaced.cells().iter().all(|one| is_youngest(cell, &one.key));
    cells.iter().map(counts).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::counter::body::{Head, SeenTimes};
    use crate::counter::lane::{ReplacedCell, Was};
    use crate::counter::stamp::Stamp;

    /// A version of a cell of an import.
    fn import(lifetime: u64, at: i64, stamp: u64) -> Vec<LaneCell> {
        let lane = LaneId([7; 16]);
        let issued = |number| Stamp::new(number, lane.import_opening());
        let mut bytes = Vec::new();
        let seen = SeenTimes { first: at, last: at, ahead: None };
        Head::new((lifetime > 0).then_some(seen), Default::default(), 0, lifetime).put(&mut bytes);
        let body = Body::written(bytes);
        vec![LaneCell { lane, birth: issued(1), stamp: issued(stamp), replaced: Replaced::default(), body }]
    }

    proptest! {
        #[test]
        fn of_versions_of_an_import_the_one_with_more_counts_is_left_in_any_order(
            versions in prop::collection::vec((0..4u64, 1..4i64, 1..4u64), 1..6),
            order in prop::collection::vec(any::<prop::sample::Index>(), 6),
        ) {
            let all: Vec<_> = versions.iter().map(|(count, at, stamp)| import(*count, *at, *stamp)).collect();
            let joined = |versions: &[Vec<LaneCell>]| {
                let mut cells = Vec::new();
                let conflicts: usize =
                    versions.iter().map(|version| join(&mut cells, version.clone(), |_| ()).conflicts).sum();
                (cells, conflicts)
            };
            let mut others = all.clone();
            for (at, index) in order.iter().enumerate().take(all.len()) {
                others.swap(at, index.index(all.len()));
            }
            prop_assert_eq!(joined(&all), joined(&others));
            let (cells, conflicts) = joined(&[all.clone(), others].concat());
            prop_assert_eq!(conflicts, 0);
            let most = versions.iter().map(|(count, ..)| *count).max();
            prop_assert_eq!(cells.first().map(|cell| cell.body.head().lifetime), most);
        }

        #[test]
        fn of_cells_that_replace_the_same_cell_only_the_youngest_counts(
            cells in prop::collection::btree_map((0..3u8, 1..9u64), prop::collection::vec(0..6u64, 0..4), 0..9),
        ) {
            let key = |lane: u8, number: u64| CellKey { lane: LaneId([lane; 16]), birth: Stamp::new(number, 1) };
            let cells: Vec<LaneCell> = cells.into_iter().map(|((lane, birth), replaced)| {
                let one = |number| ReplacedCell { key: key(9, number), was: Was::Counted };
                let CellKey { lane, birth } = key(lane, birth);
                let replaced = Replaced::new(replaced.into_iter().map(one).collect());
                LaneCell { lane, birth, stamp: birth, replaced, body: Body::written(vec![0, 0]) }
            }).collect();
            let rank = |cell: &LaneCell| (cell.birth, cell.lane);
            let is_outranked = |cell: &LaneCell| {
                cells.iter().any(|other| rank(other) > rank(cell) && other.replaced.meets(&cell.replaced))
            };
            let wanted: Vec<bool> = cells.iter().map(|cell| !is_outranked(cell)).collect();
            prop_assert_eq!(counted(&cells), wanted);
        }
    }
}
