//! The table that `examples/demo` prints.

use super::common::model::{Knowledge, Side, View, World};
use super::common::phone::DEFAULT_UNITS;
use super::common::rules::{Rule, Verdict, Window};
use super::common::trace::{rows_of, zone_of};
use super::common::unit::{DAY, HOUR, MINUTE, Unit};
use super::common::zone::LocalZone;
use super::story::answers::{Answers, ask};
use super::story::phone::{ACTION, LAUNCH};
use super::story::prompt::{FIX, PROMPT};
use super::story::{life, sync, table};
use chrono::Duration;

/// The rules of the prompt, in the order of the demo.
const RULES: [(&str, Rule); 4] = [
    (LAUNCH, Rule::AtLeast(3, Window::Rolling(7 * DAY))),
    (PROMPT, Rule::AtMost(1, Window::Rolling(7 * DAY))),
    (PROMPT, Rule::AtMost(3, Window::Calendar(1, Unit::Months))),
    (FIX, Rule::Cooldown(2 * DAY)),
];

fn device_of(name: &str) -> u32 {
    name.strip_prefix('d').unwrap().parse().unwrap()
}

fn view<'a>(world: &'a World, knows: &'a Knowledge, own: u32, zone: &'a LocalZone, now: i64) -> View<'a> {
    View::new(world, knows, own, zone, &DEFAULT_UNITS, now)
}

fn verdicts(view: &View) -> Vec<Verdict> {
    RULES.map(|(event, rule)| verdict(view, event, rule)).to_vec()
}

/// The verdict on a rule. While the clock is right and nothing is recorded, counts only fall.
fn verdict(view: &View, event: &str, rule: Rule) -> Verdict {
    let passes = |at: i64| view.at(at).passes(event, rule).expect("the units reach back far enough");
    let (mut refused, mut passed) = (view.now, view.long_after(rule));
    if passes(refused) {
        return Verdict::Passes;
    }
    if !passes(passed) {
        return Verdict::Refused(None);
    }
    while passed - refused > 1 {
        let middle = refused + (passed - refused) / 2;
        *(if passes(middle) { &mut passed } else { &mut refused }) = middle;
    }
    Verdict::Refused(Some(passed - view.now))
}

/// What the phones of the demo record, in the model.
fn live(world: &mut World, device: u32) {
    let rows = rows_of(device);
    let zone = zone_of(&rows);
    let knows = Knowledge::from([(device, usize::MAX)]);
    for row in &rows {
        let last = view(world, &knows, device, &zone, row.at).last_at(ACTION);
        if last.is_none_or(|last| row.at - last >= 30 * MINUTE) {
            world.record(device, LAUNCH, 1, row.at, row.offset);
            let verdicts = verdicts(&view(world, &knows, device, &zone, row.at));
            if verdicts.iter().all(|verdict| *verdict == Verdict::Passes) {
                world.record(device, PROMPT, 1, row.at, row.offset);
            }
        }
        world.record(device, ACTION, 1, row.at, row.offset);
        world.record(device, row.event, 1, row.at, row.offset);
    }
}

fn answers(view: &View) -> Answers {
    let sum = |event: &str, unit, n| view.buckets(event, unit, n).iter().sum::<u64>() as u32;
    let nonzero =
        |event: &str, unit, n| view.buckets(event, unit, n).iter().filter(|count| **count > 0).count();
    let since = |at: Option<i64>| at.map(|at| Duration::milliseconds(view.now - at));
    let (actions, fixes) = (sum(ACTION, Unit::Months, 12), sum(FIX, Unit::Months, 12));
    let refused: Vec<Verdict> =
        verdicts(view).into_iter().filter(|verdict| *verdict != Verdict::Passes).collect();
    let waits: Option<Vec<i64>> = refused
        .iter()
        .map(|verdict| match verdict {
            Verdict::Refused(wait) => *wait,
            other => panic!("{other:?}"),
        })
        .collect();
    Answers {
        actions_ever: view.lifetime(ACTION),
        actions_in_12_months: Some(actions),
        actions_in_28_days: Some(sum(ACTION, Unit::Days, 28)),
        active_days_in_28: Some(nonzero(ACTION, Unit::Days, 28)),
        active_weeks_in_52: Some(nonzero(ACTION, Unit::Weeks, 52)),
        actions_a_day_in_28: Some(f64::from(sum(ACTION, Unit::Days, 28)) / 28.0),
        launches_in_48_hours: Some(view.count(LAUNCH, Window::Rolling(48 * HOUR), Side::Upper) as u32),
        fixes_per_action_in_12_months: (actions > 0).then(|| f64::from(fixes) / f64::from(actions)),
        since_last_action: since(view.last_at(ACTION)),
        since_last_fix: since(view.last_at(FIX)),
        since_first_action: since(view.first_at(ACTION)),
        prompts_ever: view.lifetime(PROMPT),
        prompt_allowed: refused.is_empty(),
        prompt_refused_for: waits.and_then(|waits| waits.into_iter().max()).map(Duration::milliseconds),
    }
}

#[test]
fn every_number_of_the_demo_agrees_with_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let mut years = 0;
    let phones = life::live(folder.path(), |_| years += 1).unwrap();
    assert_eq!(years, 8);

    let mut world = World::default();
    let devices = life::DEVICES.map(device_of);
    devices.iter().for_each(|device| live(&mut world, *device));
    let now = life::the_end().unwrap().timestamp_millis();
    let expected = |own: u32, knows: Knowledge| {
        let zone = zone_of(&rows_of(own));
        answers(&view(&world, &knows, own, &zone, now))
    };

    let alone = ask(&phones).unwrap();
    assert_eq!(alone.len(), devices.len());
    for (device, shown) in devices.iter().zip(&alone) {
        assert_eq!(
            *shown,
            expected(*device, Knowledge::from([(*device, usize::MAX)])),
            "device {device} alone"
        );
    }
    for _ in 0..2 {
        sync::everyone_tells_everyone(&phones).unwrap();
        let merged = Answers::the_same_on_all(ask(&phones).unwrap()).unwrap();
        for device in devices {
            let all = devices.iter().map(|device| (*device, usize::MAX)).collect();
            assert_eq!(merged, expected(device, all), "all of them on device {device}");
        }
    }

    let merged = Answers::the_same_on_all(ask(&phones).unwrap()).unwrap();
    let text = table::answers(&phones, &alone, &merged);
    assert!(text.lines().all(|line| line.len() == text.lines().next().unwrap().len()), "{text}");
    assert!(text.contains(&merged.actions_ever.unwrap().to_string()), "{text}");
}
