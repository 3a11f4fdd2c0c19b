use super::*;
use crate::bounds::MAX_GROUP_DEPTH;
use crate::limit::heap_rules::{ALSO_IN_GROUP, ALSO_TWICE, TOO_DEEP, TOO_MANY_RULES};
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
    let limit =
        one("a").any_of([two.clone(), one("d").none_of([one("e"), two])]).at_least("f", 3, TimeUnit::Ever);
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
        assert_eq!(text(&empty), "a group of rules needs at least one rule; add one, or leave the group out");
    }
    assert_eq!(text(&one().any_of([one().also_record("y")])), ALSO_IN_GROUP);
    assert_eq!(text(&one().also_record("y").also_record("y")), ALSO_TWICE);
    let also = |most: usize| (0..most).fold(one(), |limit, n| limit.also_record(n.to_string()));
    also(MAX_ALSO_RECORDED).check().unwrap();
    assert_eq!(text(&also(MAX_ALSO_RECORDED + 1)), TOO_MANY_ALSO);
}
