//! The rules of a limit, and the names of their events.
//!
//! Rules stand in one list. A group is followed by its rules, so nothing is nested in memory. Up to
//! three rules about events need no allocation, because a limit is often built anew for each
//! decision.

use std::fmt;

use arrayvec::{ArrayString, ArrayVec};

use super::constraint::Constraint;
use super::rule::{OwnedSubject, Rule, RuleKind, Subject};
use super::rule_methods::rule_methods;
use super::schedule::Schedule;
use crate::bounds::{INLINE_NAME_BYTES, INLINE_RULES, MAX_ALSO_RECORDED, MAX_GROUP_DEPTH, MAX_RULES};
use crate::error::{Error, Result};
use crate::event_id::checked_name;
use crate::time::window::Window;

/// Rules that must all pass, as a value. `EventStore::prepare` makes it ready to be asked.
///
/// A limit has at most 64 rules. If it has more, or groups that nest more than 4 deep, the calls
/// that use it return `InvalidArgument`.
///
/// ```
/// use chrono::Duration;
/// use tiny_counter::{EventStore, Limit, TimeUnit};
///
/// let used_a_lot = Limit::new().at_least("launch", 20, TimeUnit::Ever);
/// let paid = Limit::new().at_least("purchase", 1, TimeUnit::Ever);
/// let limit = Limit::new().at_most("prompt", 1, Duration::days(7)).any_of([used_a_lot, paid]);
///
/// let store = EventStore::new();
/// let prompt = store.prepare(limit).unwrap();
/// assert!(!prompt.allowed("prompt"));
/// store.record("purchase");
/// assert!(prompt.check_and_record("prompt").is_ok());
/// ```
#[derive(Clone)]
pub struct Limit {
    names: ArrayString<INLINE_NAME_BYTES>,
    inline: ArrayVec<Rule<InlineName>, INLINE_RULES>,
    /// Everything, if it does not fit inline.
    heap: Option<Box<HeapRules>>,
}

/// Where the name of an inline rule stands in the text of all names.
#[derive(Debug, Clone, Copy)]
struct InlineName {
    start: u8,
    end: u8,
}

#[derive(Clone, Default)]
struct HeapRules {
    names: String,
    nodes: Vec<Rule<HeapSubject>>,
    schedules: Vec<Schedule>,
    /// The events that are recorded beside the event of the decision.
    also: Vec<Box<str>>,
    /// What is wrong with the limit as a whole. Rules that go beyond a bound are not kept.
    fault: Option<&'static str>,
}

/// What a node on the heap is about.
#[derive(Debug, Clone, Copy)]
enum HeapSubject {
    /// The event whose name stands here in the text of all names.
    Event { start: usize, end: usize },
    /// The schedule with this index.
    Schedule(usize),
    /// The group of so many nodes that follow.
    Group(usize),
}

pub(super) const TOO_DEEP: &str = "all of, any of and none of may be nested at most 4 deep";
const TOO_MANY_RULES: &str = "a limit may have at most 64 rules";
const TOO_MANY_ALSO: &str = "a limit may record at most 8 further events";
const ALSO_TWICE: &str = "a limit may name each event to also record only once";
const ALSO_IN_GROUP: &str = "only a whole limit can also record an event, not a part of a group";

impl Limit {
    /// A limit without rules, which always passes.
    #[inline]
    pub fn new() -> Limit {
        Limit { names: ArrayString::new_const(), inline: ArrayVec::new_const(), heap: None }
    }

    /// A limit of rules that were made elsewhere.
    ///
    /// # Errors
    /// `InvalidArgument`, `InvalidHour` or `InvalidRange` for what `check` of a limit refuses.
    pub fn of(constraints: impl IntoIterator<Item = Constraint>) -> Result<Limit> {
        let limit = constraints.into_iter().fold(Limit::new(), Limit::constraint);
        limit.check().map(|()| limit)
    }

    rule_methods!();

    /// The rules, in their order.
    pub fn constraints(&self) -> Vec<Constraint> {
        self.children(0..self.len()).map(|(index, rule)| self.constraint_at(index, &rule)).collect()
    }

    /// The events that `also_record` added.
    pub fn also_recorded(&self) -> impl Iterator<Item = &str> + Clone {
        self.heap.iter().flat_map(|heap| &heap.also).map(|name| &**name)
    }

    #[inline(always)]
    fn limit_mut(&mut self) -> &mut Limit {
        self
    }

    /// Checks what does not depend on a store.
    ///
    /// # Errors
    /// `InvalidArgument` for too many rules or events, for groups that nest too deep, and for a
    /// window or a duration that is too short; `InvalidEvent` for an event to also record;
    /// `InvalidHour` and `InvalidRange` for the hours of a schedule.
    #[inline]
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(heap) = &self.heap {
            heap.check()?;
        }
        self.iter().try_for_each(|rule| rule.check())
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, event: &str, kind: RuleKind, threshold: u32, window: Window) {
        self.push_rule(event, Rule::new(kind, threshold, window, ()));
    }

    #[inline(always)]
    fn push_rule(&mut self, event: &str, rule: Rule<()>) {
        let start = self.names.len();
        let fits =
            self.heap.is_none() && !self.inline.is_full() && event.len() <= self.names.remaining_capacity();
        if fits {
            self.names.push_str(event);
            let offset = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
            let name = InlineName { start: offset(start), end: offset(self.names.len()) };
            self.inline.push(rule.about(name));
        } else {
            self.heap().push(event, rule);
        }
    }

    pub(crate) fn push_schedule(&mut self, schedule: Schedule, kind: RuleKind) {
        self.heap().push_schedule(schedule, kind);
    }

    /// Adds a group. Each limit is one rule of it; several rules of one limit must all pass.
    pub(crate) fn push_group(&mut self, kind: RuleKind, limits: impl IntoIterator<Item = Limit>) {
        let heap = self.heap();
        let group = heap.begin_group(kind);
        for limit in limits {
            let is_one = limit.children(0..limit.len()).take(2).count() == 1;
            let all = (!is_one).then(|| heap.begin_group(RuleKind::AllOf));
            heap.append(&limit);
            all.into_iter().for_each(|all| heap.end_group(all));
        }
        heap.end_group(group);
    }

    pub(crate) fn push_constraint(&mut self, constraint: Constraint) {
        let rule = Rule::from(constraint);
        match &rule.subject {
            OwnedSubject::Event(event) => self.push_rule(event, rule.about(())),
            _ => self.heap().push_owned(rule, 1),
        }
    }

    pub(crate) fn push_also(&mut self, event: &str) {
        let heap = self.heap();
        if heap.also.len() >= MAX_ALSO_RECORDED {
            heap.fault = Some(TOO_MANY_ALSO);
        } else {
            heap.also.push(event.into());
        }
    }

    /// Everything on the heap, after moving the inline rules there.
    #[cold]
    fn heap(&mut self) -> &mut HeapRules {
        if self.heap.is_none() {
            let mut heap = Box::<HeapRules>::default();
            self.iter().for_each(|rule| heap.push(rule.event(), rule.about(())));
            self.heap = Some(heap);
        }
        self.heap.get_or_insert_default()
    }

    /// The number of rules, with groups and what is in them.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.heap.as_ref().map_or(self.inline.len(), |heap| heap.nodes.len())
    }

    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Rule<Subject<'_>>> {
        if let Some(heap) = &self.heap {
            return heap.get(index);
        }
        let rule = self.inline.get(index)?;
        let InlineName { start, end } = rule.subject;
        Some(rule.about(Subject::Event(self.names.get(start.into()..end.into())?)))
    }

    /// All rules, groups and what is in them.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Rule<Subject<'_>>> + Clone {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The rules in a range of the list, without those inside of their groups, each with its index.
    #[inline]
    pub(crate) fn children(&self, range: std::ops::Range<usize>) -> Children<'_> {
        Children { limit: self, range }
    }

    /// The rules of a group.
    pub(crate) fn children_of(&self, index: usize, rule: &Rule<Subject<'_>>) -> Children<'_> {
        let nodes = if let Subject::Group(nodes) = rule.subject { nodes } else { 0 };
        let first = index.saturating_add(1);
        self.children(first..first.saturating_add(nodes))
    }

    pub(super) fn constraint_at(&self, index: usize, rule: &Rule<Subject<'_>>) -> Constraint {
        rule.to_constraint(|| {
            let children = self.children_of(index, rule);
            children.map(|(index, rule)| self.constraint_at(index, &rule)).collect()
        })
    }

    /// The events that the rules look at.
    #[inline]
    pub(crate) fn events(&self) -> impl Iterator<Item = &str> + Clone {
        self.iter().filter(|rule| rule.is_about_event()).map(|rule| rule.event())
    }

    /// Whether there are schedules of the app.
    #[inline]
    pub(crate) fn asks_app(&self) -> bool {
        let schedules = self.heap.iter().flat_map(|heap| &heap.schedules);
        schedules.into_iter().any(|schedule| schedule.is_custom())
    }

    /// Calls the app's own schedules for the instant `now`. The answers are one bit for each
    /// schedule of the limit.
    pub(crate) fn ask_app(&self, now: i64) -> u64 {
        let schedules = self.heap.iter().flat_map(|heap| &heap.schedules);
        let answers = (0..MAX_RULES).zip(schedules).map(|(index, schedule)| {
            let holds = schedule.ask_app(now).unwrap_or(false);
            u64::from(holds) << index
        });
        answers.sum()
    }
}

/// Rules next to each other, without those inside of their groups.
#[derive(Clone)]
pub(crate) struct Children<'a> {
    limit: &'a Limit,
    range: std::ops::Range<usize>,
}

impl<'a> Iterator for Children<'a> {
    type Item = (usize, Rule<Subject<'a>>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let index = self.range.next()?;
        let rule = self.limit.get(index)?;
        if let Subject::Group(nodes) = rule.subject {
            self.range.start = self.range.start.saturating_add(nodes);
        }
        Some((index, rule))
    }
}

impl HeapRules {
    fn check(&self) -> Result<()> {
        if let Some(fault) = self.fault {
            return Err(Error::InvalidArgument(fault.into()));
        }
        for (index, event) in self.also.iter().enumerate() {
            checked_name(event)?;
            if self.also.iter().skip(index + 1).any(|other| other == event) {
                return Err(Error::InvalidArgument(ALSO_TWICE.into()));
            }
        }
        Ok(())
    }

    fn push(&mut self, event: &str, rule: Rule<()>) {
        if self.has_room() {
            let start = self.names.len();
            self.names.push_str(event);
            self.nodes.push(rule.about(HeapSubject::Event { start, end: self.names.len() }));
        }
    }

    fn push_schedule(&mut self, schedule: Schedule, kind: RuleKind) {
        if self.has_room() {
            self.nodes.push(Rule::of_kind(kind, HeapSubject::Schedule(self.schedules.len())));
            self.schedules.push(schedule);
        }
    }

    /// Whether there is room for one more rule.
    fn has_room(&mut self) -> bool {
        let is_group = |node: &&Rule<HeapSubject>| matches!(node.subject, HeapSubject::Group(_));
        let has_room = self.nodes.len() - self.nodes.iter().filter(is_group).count() < MAX_RULES;
        if !has_room {
            self.fault = Some(TOO_MANY_RULES);
        }
        has_room
    }

    /// Begins a group and returns its index. The rules that are added until `end_group` belong to
    /// it.
    fn begin_group(&mut self, kind: RuleKind) -> usize {
        self.nodes.push(Rule::of_kind(kind, HeapSubject::Group(0)));
        self.nodes.len() - 1
    }

    fn end_group(&mut self, group: usize) {
        let nodes = self.nodes.len().saturating_sub(group + 1);
        if let Some(node) = self.nodes.get_mut(group) {
            node.subject = HeapSubject::Group(nodes);
        }
        if self.depth() > MAX_GROUP_DEPTH {
            self.fault = Some(TOO_DEEP);
            self.nodes.truncate(group);
        }
    }

    /// How deep the groups nest that have ended.
    fn depth(&self) -> usize {
        let (mut ends, mut depth): (Vec<usize>, usize) = (Vec::new(), 0);
        for (index, node) in self.nodes.iter().enumerate() {
            ends.retain(|end| *end > index);
            if let HeapSubject::Group(nodes) = node.subject {
                ends.push(index.saturating_add(nodes).saturating_add(1));
                depth = depth.max(ends.len());
            }
        }
        depth
    }

    /// Adds the rules of a limit.
    fn append(&mut self, limit: &Limit) {
        if limit.also_recorded().next().is_some() {
            self.fault = Some(ALSO_IN_GROUP);
        }
        self.fault = self.fault.or(limit.heap.as_ref().and_then(|heap| heap.fault));
        for rule in limit.iter() {
            match rule.subject {
                Subject::Event(event) => self.push(event, rule.about(())),
                Subject::Schedule(schedule, _) => self.push_schedule(schedule.clone(), rule.kind),
                Subject::Group(nodes) => {
                    let group = self.begin_group(rule.kind);
                    if let Some(node) = self.nodes.get_mut(group) {
                        node.subject = HeapSubject::Group(nodes);
                    }
                }
            }
        }
    }

    /// Adds a rule, which is in `depth - 1` groups.
    fn push_owned(&mut self, rule: Rule<OwnedSubject>, depth: usize) {
        let compact = rule.about(());
        match rule.subject {
            OwnedSubject::Event(event) => self.push(&event, compact),
            OwnedSubject::Schedule(schedule) => self.push_schedule(schedule, rule.kind),
            OwnedSubject::Group(_) if depth > MAX_GROUP_DEPTH => self.fault = Some(TOO_DEEP),
            OwnedSubject::Group(constraints) => {
                let group = self.begin_group(rule.kind);
                for constraint in constraints {
                    self.push_owned(constraint.into(), depth + 1);
                }
                self.end_group(group);
            }
        }
    }

    fn get(&self, index: usize) -> Option<Rule<Subject<'_>>> {
        let rule = self.nodes.get(index)?;
        Some(rule.about(match rule.subject {
            HeapSubject::Event { start, end } => Subject::Event(self.names.get(start..end)?),
            HeapSubject::Schedule(place) => {
                Subject::Schedule(self.schedules.get(place)?, u8::try_from(place).unwrap_or(u8::MAX))
            }
            HeapSubject::Group(nodes) => Subject::Group(nodes),
        }))
    }
}

impl Default for Limit {
    fn default() -> Limit {
        Limit::new()
    }
}

impl PartialEq for Limit {
    fn eq(&self, other: &Limit) -> bool {
        let fault = |limit: &Limit| limit.heap.as_ref().and_then(|heap| heap.fault);
        fault(self) == fault(other)
            && self.constraints() == other.constraints()
            && self.also_recorded().eq(other.also_recorded())
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let also: Vec<&str> = self.also_recorded().collect();
        f.debug_struct("Limit").field("constraints", &self.constraints()).field("also", &also).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::unit::TimeUnit;

    fn at_most(limit: &mut Limit, event: &str, threshold: u32) {
        limit.push(event, RuleKind::AtMost, threshold, TimeUnit::Days.into());
    }

    #[test]
    fn rules_come_back_in_order_inline_and_on_the_heap() {
        let long = "ü".repeat(300);
        for names in [
            &["a"][..],
            &["", "b"],
            &["a", "bb", "ccc", "", "e"],
            &["a name of thirty-nine bytes, more or less", "b"],
            &[&long, "x", &long],
        ] {
            let mut limit = Limit::new();
            (0..).zip(names).for_each(|(bound, name)| at_most(&mut limit, name, bound));
            assert!(limit.events().eq(names.iter().copied()));
            assert!(limit.iter().map(|rule| rule.threshold).eq((0..).take(names.len())));
        }
    }

    #[test]
    fn a_rule_about_a_schedule_stands_between_others() {
        let mut limit = Limit::new();
        at_most(&mut limit, "a", 0);
        limit.push_schedule(Schedule::weekdays(), RuleKind::During);
        at_most(&mut limit, "b", 2);
        assert!(limit.events().eq(["a", "b"]));
        assert!(limit.iter().map(|rule| rule.is_about_event()).eq([true, false, true]));
    }

    #[test]
    fn the_rules_of_groups_come_back_as_they_were_added() {
        let one = |event: &str| Limit::new().at_most(event, 1, TimeUnit::Days);
        let two = one("b").cooldown("c", chrono::Duration::days(1));
        let limit = one("a").any_of([two.clone(), one("d").none_of([one("e"), two])]).at_least(
            "f",
            3,
            TimeUnit::Ever,
        );
        assert!(limit.events().eq(["a", "b", "c", "d", "e", "b", "c", "f"]));
        assert_eq!(limit.children(0..limit.len()).count(), 3);
        assert_eq!(Limit::of(limit.constraints()).unwrap(), limit);
        assert_ne!(Limit::of(limit.constraints()).unwrap(), limit.clone().also_record("x"));
        assert_ne!(one("a"), one("b"));
        assert_eq!(one("a"), Limit::of(one("a").constraints()).unwrap(), "inline and on the heap");
    }

    #[test]
    fn a_limit_beyond_a_bound_keeps_no_more_and_is_an_error() {
        let one = || Limit::new().at_most("x", 1, TimeUnit::Days);
        let text = |limit: &Limit| limit.check().unwrap_err().to_string();
        let many = (0..MAX_RULES).fold(Limit::new(), |limit, _| limit.at_most("x", 1, TimeUnit::Days));
        many.check().unwrap();
        let more = (0..1_000).fold(many, |limit, _| limit.at_most("x", 1, TimeUnit::Days));
        assert_eq!((more.len(), text(&more)), (MAX_RULES, TOO_MANY_RULES.to_owned()));

        let nested = |depth: usize| (0..depth).fold(one(), |limit, _| Limit::new().none_of([limit]));
        nested(MAX_GROUP_DEPTH).check().unwrap();
        assert_eq!(text(&nested(MAX_GROUP_DEPTH + 1)), TOO_DEEP);
        assert_eq!(text(&nested(1_000)), TOO_DEEP);
        let mut constraint = Constraint::AnyOf { constraints: one().constraints() };
        for _ in 0..1_000 {
            constraint = Constraint::AllOf { constraints: vec![constraint] };
        }
        assert_eq!(Limit::of([constraint]).unwrap_err().to_string(), TOO_DEEP);

        for empty in [one().any_of([]), one().any_of([one(), Limit::new()])] {
            assert_eq!(text(&empty), "all of, any of and none of need at least one rule");
        }
        assert_eq!(text(&one().any_of([one().also_record("y")])), ALSO_IN_GROUP);
        assert_eq!(text(&one().also_record("y").also_record("y")), ALSO_TWICE);
        let also = |most: usize| (0..most).fold(one(), |limit, n| limit.also_record(n.to_string()));
        also(MAX_ALSO_RECORDED).check().unwrap();
        assert_eq!(text(&also(MAX_ALSO_RECORDED + 1)), TOO_MANY_ALSO);
    }
}
