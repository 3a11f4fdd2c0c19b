//! The rules of a limit that is being built, and the names of their events.

use arrayvec::{ArrayString, ArrayVec};

use crate::bounds::{INLINE_NAME_BYTES, INLINE_RULES};
use crate::limit::{EvaluatedSchedule, Rule, Schedule, Subject};

/// Rules in the order in which they were added.
#[derive(Clone)]
pub(super) struct Rules {
    names: ArrayString<INLINE_NAME_BYTES>,
    inline: ArrayVec<Rule<InlineName>, INLINE_RULES>,
    /// All rules, if they do not fit inline or if one is about a schedule.
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
    rules: Vec<Rule<HeapSubject>>,
    schedules: Vec<EvaluatedSchedule>,
}

/// What a rule on the heap is about.
#[derive(Debug, Clone, Copy)]
enum HeapSubject {
    /// The event whose name stands here in the text of all names.
    Event { start: usize, end: usize },
    /// The schedule with this index.
    Schedule(usize),
}

impl Rules {
    #[inline]
    pub(super) fn new() -> Rules {
        Rules { names: ArrayString::new_const(), inline: ArrayVec::new_const(), heap: None }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, event: &str, rule: Rule<()>) {
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

    pub(super) fn push_schedule(&mut self, schedule: Schedule, rule: Rule<()>) {
        let heap = self.heap();
        heap.rules.push(rule.about(HeapSubject::Schedule(heap.schedules.len())));
        heap.schedules.push(EvaluatedSchedule::new(schedule));
    }

    /// The rules on the heap, after moving those that are inline.
    #[cold]
    fn heap(&mut self) -> &mut HeapRules {
        if self.heap.is_none() {
            let mut heap = Box::<HeapRules>::default();
            self.iter().for_each(|rule| heap.push(rule.event(), rule.about(())));
            self.heap = Some(heap);
        }
        self.heap.get_or_insert_default()
    }

    #[inline]
    fn len(&self) -> usize {
        self.heap.as_ref().map_or(self.inline.len(), |heap| heap.rules.len())
    }

    #[inline]
    fn get(&self, index: usize) -> Option<Rule<Subject<'_>>> {
        if let Some(heap) = &self.heap {
            return heap.get(index);
        }
        let rule = self.inline.get(index)?;
        let InlineName { start, end } = rule.subject;
        Some(rule.about(Subject::Event(self.names.get(start.into()..end.into())?)))
    }

    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = Rule<Subject<'_>>> + Clone {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The events that the rules look at.
    #[inline]
    pub(super) fn events(&self) -> impl Iterator<Item = &str> + Clone {
        self.iter().filter(|rule| !rule.is_scheduled()).map(|rule| rule.event())
    }

    /// Whether there are schedules of the app.
    #[inline]
    pub(super) fn asks_app(&self) -> bool {
        let schedules = self.heap.iter().flat_map(|heap| &heap.schedules);
        schedules.into_iter().any(|schedule| schedule.is_custom())
    }

    /// Calls the app's own schedules for the instant `now`.
    pub(super) fn evaluate_schedules(&mut self, now: i64) {
        if let Some(heap) = &mut self.heap {
            heap.schedules.iter_mut().for_each(|schedule| schedule.evaluate(now));
        }
    }
}

impl HeapRules {
    fn push(&mut self, event: &str, rule: Rule<()>) {
        let start = self.names.len();
        self.names.push_str(event);
        self.rules.push(rule.about(HeapSubject::Event { start, end: self.names.len() }));
    }

    fn get(&self, index: usize) -> Option<Rule<Subject<'_>>> {
        let rule = self.rules.get(index)?;
        Some(rule.about(match rule.subject {
            HeapSubject::Schedule(schedule) => Subject::Schedule(self.schedules.get(schedule)?),
            HeapSubject::Event { start, end } => Subject::Event(self.names.get(start..end)?),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::RuleKind;
    use crate::time::unit::TimeUnit;

    fn rule(threshold: u32) -> Rule<()> {
        Rule::new(RuleKind::AtMost, threshold, TimeUnit::Days.into(), ())
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
            let mut rules = Rules::new();
            (0..).zip(names).for_each(|(bound, name)| rules.push(name, rule(bound)));
            assert!(rules.events().eq(names.iter().copied()));
            assert!(rules.iter().map(|rule| rule.threshold).eq((0..).take(names.len())));
        }
    }

    #[test]
    fn a_rule_about_a_schedule_stands_between_others() {
        let mut rules = Rules::new();
        rules.push("a", rule(0));
        rules.push_schedule(Schedule::weekdays(), Rule { kind: RuleKind::During, ..rule(1) });
        rules.push("b", rule(2));
        assert!(rules.events().eq(["a", "b"]));
        assert!(rules.iter().map(|rule| rule.is_scheduled()).eq([false, true, false]));
    }
}
