//! The rules of a limit, and the names of their events.
//!
//! Rules stand in one list. A group is followed by its rules, so nothing is nested in memory. Up to
//! three rules about events need no allocation, because a limit is often built anew for each
//! decision.

use std::fmt;

use arrayvec::{ArrayString, ArrayVec};

use super::constraint::Constraint;
use super::heap_rules::{HeapRules, TOO_MANY_ALSO};
use super::rule::{OwnedSubject, Rule, RuleKind, Span, Subject};
use super::rule_methods::rule_methods;
use super::schedule::Schedule;
use crate::bounds::{INLINE_NAME_BYTES, INLINE_RULES, MAX_ALSO_RECORDED, MAX_RULES};
use crate::error::Result;
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

/// Where the names of an inline rule stand in the text of all names: the event, then the marker, if
/// there is one.
#[derive(Debug, Clone, Copy)]
struct InlineName {
    start: u8,
    end: u8,
    marker_end: u8,
}

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

    /// Whether `also_record` added this event.
    #[inline]
    pub(crate) fn also_records(&self, event: &str) -> bool {
        self.heap.as_ref().is_some_and(|heap| heap.also.iter().any(|also| **also == *event))
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
    pub(crate) fn push(&mut self, event: &str, kind: RuleKind, threshold: u32, window: Window<'_>) {
        let marker = if let Window::Since(marker) = window { marker } else { "" };
        self.push_rule(event, marker, Rule::new(kind, threshold, window, ()));
    }

    /// Adds a rule about an event. `marker` is empty unless the rule has one.
    #[inline(always)]
    fn push_rule(&mut self, event: &str, marker: &str, rule: Rule<()>) {
        let start = self.names.len();
        let room = self.names.remaining_capacity();
        let fits =
            self.heap.is_none() && !self.inline.is_full() && event.len().saturating_add(marker.len()) <= room;
        if fits {
            self.names.push_str(event);
            let offset = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
            let end = offset(self.names.len());
            self.names.push_str(marker);
            let name = InlineName { start: offset(start), end, marker_end: offset(self.names.len()) };
            self.inline.push(rule.about(name));
        } else {
            self.heap().push(event, marker, rule);
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
            OwnedSubject::Event(event) => self.push_rule(event, "", rule.about(())),
            OwnedSubject::Since { event, marker } => self.push_rule(event, marker, rule.about(())),
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

    /// What is wrong with the limit as a whole.
    pub(super) fn fault(&self) -> Option<&'static str> {
        self.heap.as_ref().and_then(|heap| heap.fault)
    }

    /// Everything on the heap, after moving the inline rules there.
    #[cold]
    fn heap(&mut self) -> &mut HeapRules {
        if self.heap.is_none() {
            let mut heap = Box::<HeapRules>::default();
            let marker = |rule: &Rule<Subject<'_>>| rule.marker().unwrap_or_default().to_owned();
            self.iter().for_each(|rule| heap.push(rule.event(), &marker(&rule), rule.about(())));
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
        let InlineName { start, end, marker_end } = rule.subject;
        let event = self.names.get(start.into()..end.into())?;
        if rule.span != Span::Since {
            return Some(rule.about(Subject::Event(event)));
        }
        let marker = self.names.get(end.into()..marker_end.into())?;
        Some(rule.about(Subject::Since { event, marker }))
    }

    /// All rules, groups and what is in them.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Rule<Subject<'_>>> + Clone {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The rules in a range of the list, without those inside of their groups, each with its index.
    #[inline]
    pub(crate) fn children(&self, range: std::ops::Range<usize>) -> Children<'_> {
        Children { limit: self, range, is_inverted: false }
    }

    /// The rules of a group.
    pub(crate) fn children_of(&self, index: usize, rule: &Rule<Subject<'_>>) -> Children<'_> {
        let nodes = if let Subject::Group(nodes) = rule.subject { nodes } else { 0 };
        let first = index.saturating_add(1);
        let is_inverted = rule.is_inverted != (rule.kind == RuleKind::NoneOf);
        Children { is_inverted, ..self.children(first..first.saturating_add(nodes)) }
    }

    pub(super) fn constraint_at(&self, index: usize, rule: &Rule<Subject<'_>>) -> Constraint {
        rule.to_constraint(|| {
            let children = self.children_of(index, rule);
            children.map(|(index, rule)| self.constraint_at(index, &rule)).collect()
        })
    }

    /// The events that the rules look at, markers included.
    #[inline]
    pub(crate) fn events(&self) -> impl Iterator<Item = &str> + Clone {
        self.iter().flat_map(|rule| {
            let event = rule.is_about_event().then(|| rule.event());
            event.into_iter().chain(rule.marker())
        })
    }

    /// The markers with which windows begin.
    #[inline]
    pub(crate) fn markers(&self) -> impl Iterator<Item = &str> {
        self.iter().filter_map(|rule| rule.marker())
    }

    /// Whether there are schedules of the app.
    #[inline]
    pub(crate) fn asks_app(&self) -> bool {
        self.heap.as_ref().is_some_and(|heap| heap.schedules.iter().any(Schedule::is_custom))
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
    /// Whether the limit needs that they do not pass.
    is_inverted: bool,
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
        Some((index, Rule { is_inverted: self.is_inverted, ..rule }))
    }
}

impl Default for Limit {
    fn default() -> Limit {
        Limit::new()
    }
}

impl PartialEq for Limit {
    fn eq(&self, other: &Limit) -> bool {
        self.fault() == other.fault()
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
mod tests;
