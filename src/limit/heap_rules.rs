//! The rules of a limit that do not fit inline.

use super::rule::{OwnedSubject, Rule, RuleKind, Span, Subject};
use super::rules::Limit;
use super::schedule::Schedule;
use crate::bounds::{MAX_GROUP_DEPTH, MAX_RULES};
use crate::error::{Error, Result};
use crate::event_id::checked_name;

#[derive(Clone, Default)]
pub(super) struct HeapRules {
    pub(super) names: String,
    pub(super) nodes: Vec<Rule<HeapSubject>>,
    pub(super) schedules: Vec<Schedule>,
    /// The events that are recorded beside the event of the decision.
    pub(super) also: Vec<Box<str>>,
    /// What is wrong with the limit as a whole. Rules that go beyond a bound are not kept.
    pub(super) fault: Option<&'static str>,
}

/// What a node on the heap is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum HeapSubject {
    /// The event whose name stands here in the text of all names.
    Event { start: usize, end: usize },
    /// The same, and the marker up to `marker_end`.
    Since { start: usize, end: usize, marker_end: usize },
    /// The schedule with this index.
    Schedule(usize),
    /// The group of so many nodes that follow.
    Group(usize),
}

pub(super) const TOO_DEEP: &str = "all of, any of and none of may be nested at most 4 deep";
pub(super) const TOO_MANY_RULES: &str = "a limit may have at most 64 rules";
pub(super) const TOO_MANY_ALSO: &str = "a limit may record at most 8 further events";
pub(super) const ALSO_TWICE: &str = "a limit may name each event to also record only once";
pub(super) const ALSO_IN_GROUP: &str = "only a whole limit can also record an event, not a part of a group";

impl HeapRules {
    pub(super) fn check(&self) -> Result<()> {
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

    /// Adds a rule about an event. `marker` is empty unless the rule has one.
    pub(super) fn push(&mut self, event: &str, marker: &str, rule: Rule<()>) {
        if self.has_room() {
            let start = self.names.len();
            self.names.push_str(event);
            let end = self.names.len();
            self.names.push_str(marker);
            let subject = match rule.span {
                Span::Since => HeapSubject::Since { start, end, marker_end: self.names.len() },
                _ => HeapSubject::Event { start, end },
            };
            self.nodes.push(rule.about(subject));
        }
    }

    pub(super) fn push_schedule(&mut self, schedule: Schedule, kind: RuleKind) {
        if self.has_room() {
            self.nodes.push(Rule::of_kind(kind, HeapSubject::Schedule(self.schedules.len())));
            self.schedules.push(schedule);
        }
    }

    /// Whether there is room for one more rule.
    pub(super) fn has_room(&mut self) -> bool {
        let is_group = |node: &&Rule<HeapSubject>| matches!(node.subject, HeapSubject::Group(_));
        let has_room = self.nodes.len() - self.nodes.iter().filter(is_group).count() < MAX_RULES;
        if !has_room {
            self.fault = Some(TOO_MANY_RULES);
        }
        has_room
    }

    /// Begins a group and returns its index. The rules that are added until `end_group` belong to
    /// it.
    pub(super) fn begin_group(&mut self, kind: RuleKind) -> usize {
        self.nodes.push(Rule::of_kind(kind, HeapSubject::Group(0)));
        self.nodes.len() - 1
    }

    pub(super) fn end_group(&mut self, group: usize) {
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
    pub(super) fn depth(&self) -> usize {
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
    pub(super) fn append(&mut self, limit: &Limit) {
        if limit.also_recorded().next().is_some() {
            self.fault = Some(ALSO_IN_GROUP);
        }
        self.fault = self.fault.or(limit.fault());
        for rule in limit.iter() {
            match rule.subject {
                Subject::Event(event) => self.push(event, "", rule.about(())),
                Subject::Since { event, marker } => self.push(event, marker, rule.about(())),
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
    pub(super) fn push_owned(&mut self, rule: Rule<OwnedSubject>, depth: usize) {
        let compact = rule.about(());
        match rule.subject {
            OwnedSubject::Event(event) => self.push(&event, "", compact),
            OwnedSubject::Since { event, marker } => self.push(&event, &marker, compact),
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

    pub(super) fn get(&self, index: usize) -> Option<Rule<Subject<'_>>> {
        let rule = self.nodes.get(index)?;
        Some(rule.about(match rule.subject {
            HeapSubject::Event { start, end } => Subject::Event(self.names.get(start..end)?),
            HeapSubject::Since { start, end, marker_end } => Subject::Since {
                event: self.names.get(start..end)?,
                marker: self.names.get(end..marker_end)?,
            },
            HeapSubject::Schedule(place) => {
                Subject::Schedule(self.schedules.get(place)?, u8::try_from(place).unwrap_or(u8::MAX))
            }
            HeapSubject::Group(nodes) => Subject::Group(nodes),
        }))
    }
}
