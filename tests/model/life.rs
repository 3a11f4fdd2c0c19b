//! One random life of a phone, in the library and in the model.

use chrono::Duration;
use tiny_counter::{Error, TimeUnit};

use super::step::{SETTINGS, Setting, Step};
use super::waiting;
use crate::common::model::World;
use crate::common::phone::{Home, Phone, at_millis};
use crate::common::rules::{Rule, Verdict, Window};
use crate::common::trace::EVENTS;
use crate::common::unit::{DAY, HOUR, MINUTE};
use crate::common::watch::STATES_DROPS;
use crate::common::zone::zones;
use crate::common::{ask, ask_limits, truths};

const DEVICE: u32 = 1;
/// 2026-03-07T21:30:00.123Z: the night before the clocks change in New York.
const BEGINNING: i64 = 1_772_919_000_123;
/// 2024-01-01T00:00:00Z: the time of a clock after the battery was empty.
const FLAT: i64 = 1_704_067_200_000;
/// 2012 to 2062: the model's calendar covers these years with all windows.
const SHOWN: (i64, i64) = (1_325_376_000_000, 2_903_299_200_000);

pub struct Life {
    world: World,
    phone: Phone,
    compared: Compared,
}

/// How many answers of the library were compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Compared {
    /// With the verdicts of the model.
    pub verdicts: usize,
    /// How often every answer about an event was compared with the model.
    pub events: usize,
    /// With what really happened.
    pub truths: usize,
    /// How many refusals were waited for.
    pub waits: usize,
}

impl Life {
    pub fn begin(setting: Setting, home: Home) -> Life {
        let phone = Phone::new(DEVICE, zones()[0].clone(), setting, home);
        phone.set_time(BEGINNING);
        let mut life = Life { world: World::default(), phone, compared: Compared::default() };
        // A store that has counted nothing does not store its clock.
        life.take(Step::Record { event: 0, count: 1 });
        life
    }

    /// Takes all steps, and asks again later.
    pub fn through(mut self, steps: &[Step]) -> Compared {
        steps.iter().for_each(|step| self.take(*step));
        self.ask(30);
        match steps.len() % 3 {
            0 => self.wait_for_refusals(steps.len()),
            1 => self.wait_until_all_is_tight(),
            _ => {
                for (salt, later) in [(40, 9 * DAY), (50, 370 * DAY)] {
                    self.take(Step::Wait(later));
                    self.ask(salt);
                }
            }
        }
        self.compared
    }

    fn take(&mut self, step: Step) {
        let now = self.phone.time();
        match step {
            Step::Record { event, count } => {
                self.phone.store().record_count(EVENTS[event], count);
                self.note(EVENTS[event], count, now, self.phone.truth());
            }
            Step::Past { event, count, ago } => {
                let at = now - ago;
                if ago % 2 == 0 {
                    self.phone.store().record_count_ago(EVENTS[event], count, Duration::milliseconds(ago));
                } else {
                    self.phone.store().record_count_at(EVENTS[event], count, at_millis(at)).unwrap();
                }
                self.note(EVENTS[event], count, at, self.phone.truth() - ago);
            }
            Step::TruePast { event, ago } => {
                let truth = self.phone.truth() - ago;
                // Under a step the store takes every time for one of the wrong clock.
                let is_wrong = self.phone.error() != 0 && self.phone.view(&self.world, now).step.is_some();
                if truth <= now && !is_wrong {
                    self.phone.store().record_at(EVENTS[event], at_millis(truth)).unwrap();
                    self.note(EVENTS[event], 1, truth, truth);
                }
            }
            Step::Future { event, ahead } => {
                self.phone.store().record_ago(EVENTS[event], Duration::milliseconds(-ahead));
                let done = self.phone.store().record_at(EVENTS[event], at_millis(now + ahead));
                match ahead <= MINUTE {
                    true => done.map(|()| self.note(EVENTS[event], 2, now, self.phone.truth())).unwrap(),
                    false => assert!(matches!(done, Err(Error::FutureEvent))),
                }
            }
            Step::Wait(span) if now + span <= SHOWN.1 => self.phone.wait(span),
            Step::Correct(error) => self.show(self.phone.truth() + error),
            Step::ThreeDatesAhead { event, error } if STATES_DROPS => {
                for day in 0..3 {
                    self.take(Step::Correct(error + day * DAY));
                    self.take(Step::Record { event, count: 1 });
                    self.take(Step::Persist);
                }
            }
            Step::ClockForward(span) => self.show(now + span),
            Step::ClockBack(span) => self.show(now - span),
            Step::FlatBattery => self.show(FLAT),
            Step::Fly(to) => self.phone.move_to(zones()[to].clone()),
            Step::Persist if self.phone.has_storage() => self.phone.persist(),
            Step::Restart if self.phone.has_storage() => self.phone.restart(),
            Step::Reopen(setting) if self.phone.has_storage() => {
                self.phone.reopen(SETTINGS[setting]);
                self.ask(3);
            }
            Step::Compact if self.phone.has_storage() => {
                self.phone.compact();
                let is_steady = self.phone.view(&self.world, self.phone.time()).is_steady;
                let has_step = self.phone.view(&self.world, self.phone.time()).step.is_some();
                assert!(!is_steady || has_step || self.phone.store().memory_usage() == 0);
                assert!(!self.phone.store().is_dirty());
            }
            Step::Wait(_) | Step::Persist | Step::Restart => {}
            Step::Reopen(_) | Step::Compact | Step::ThreeDatesAhead { .. } => {}
            Step::Decide { event, salt } => self.decide(EVENTS[event], salt),
            Step::Reserve { event, happens } => self.reserve(EVENTS[event], happens),
            Step::Ask(salt) => self.ask(salt),
        }
    }

    /// Sets the clock.
    fn show(&mut self, time: i64) {
        self.phone.correct(time.clamp(SHOWN.0, SHOWN.1) - self.phone.truth());
    }

    /// Records in the model what was recorded in the library.
    fn note(&mut self, event: &'static str, count: u32, at: i64, truth: i64) {
        self.phone.note(&mut self.world, event, count, at, truth);
    }

    /// One decision, which counts if it passes.
    fn decide(&mut self, event: &'static str, salt: usize) {
        let view = self.phone.view(&self.world, self.phone.time());
        let rules = ask_limits::rules(&view, event, salt);
        let rule = rules[salt % rules.len()];
        let comparable = ask_limits::one_rule(&self.phone, &view, event, rule);
        self.compared.verdicts += usize::from(comparable);
        let passes = ask_limits::verdict(&self.phone, event, rule) == Verdict::Passes;
        let done = ask_limits::limiter(&self.phone, event, rule).check_and_record(event);
        assert_eq!(done.is_ok(), passes, "{rule:?}");
        if passes {
            self.note(event, 1, self.phone.time(), self.phone.truth());
        }
    }

    /// A reservation counts for `at_most` and `cooldown` until it is committed or cancelled.
    fn reserve(&mut self, event: &'static str, happens: bool) {
        let view = self.phone.view(&self.world, self.phone.time());
        let before = view.lifetime(event).unwrap_or(0);
        let Ok(limit) = u32::try_from(before + 2) else { return };
        let limited = || self.phone.store().limit().at_most(event, limit, TimeUnit::Ever);
        let reserved = limited().reserve(event).unwrap();
        assert_eq!(limited().usage(event).unwrap().remaining, 1);
        assert_eq!(self.phone.store().query(event).lifetime().unwrap_or(0), before);
        self.reservation_counts(event);
        if happens {
            reserved.commit()
        } else {
            drop(reserved)
        }
        self.note(event, happens.into(), self.phone.time(), self.phone.truth());
    }

    fn reservation_counts(&self, event: &str) {
        let span = HOUR + 1;
        let refuses = |rule| matches!(ask_limits::verdict(&self.phone, event, rule), Verdict::Refused(_));
        assert!(refuses(Rule::Cooldown(span)), "{event} is reserved");
        let upper = truths::bounds(&self.phone, event, span).unwrap_or_default().1;
        let Ok(upper) = u32::try_from(upper) else { return };
        let at_most = |limit| Rule::AtMost(limit, Window::Rolling(span));
        let is_clear = self.phone.view(&self.world, self.phone.time()).step.is_none();
        if upper < u32::MAX - 2 && is_clear {
            assert!(!refuses(at_most(upper + 2)), "{event} is reserved");
            let verdict = ask_limits::verdict(&self.phone, event, at_most(upper + 1));
            assert_ne!(verdict, Verdict::Passes, "{event} is reserved");
        }
    }

    fn ask(&mut self, salt: usize) {
        let view = self.phone.view(&self.world, self.phone.time());
        let event = EVENTS[salt % 3];
        let all = ask::one(&self.phone, &view, event, salt / 3);
        ask::several_events(&self.phone, &view, salt);
        let names: Vec<&str> = view.events().into_iter().collect();
        assert_eq!(self.phone.store().events(), names);
        let rules = ask_limits::rules(&view, event, salt);
        let chosen = rules.iter().skip(salt % 9).step_by(9);
        let compared = chosen.filter(|rule| ask_limits::one_rule(&self.phone, &view, event, **rule)).count();
        self.compared.truths += truths::hold(&self.phone, &view, event, salt);
        self.compared.verdicts += compared;
        self.compared.events += usize::from(all);
    }

    /// Waits until each refusal of many rules is over.
    fn wait_for_refusals(&mut self, salt: usize) {
        let view = self.phone.view(&self.world, self.phone.time());
        let rules = EVENTS.into_iter().take(3).flat_map(|event| {
            let of_event = ask_limits::rules(&view, event, salt).into_iter().skip(salt % 5).step_by(5);
            of_event.map(move |rule| (event, rule))
        });
        let (waiting, never) = waiting::refusals(&self.phone, &view, rules.collect(), SHOWN.1);
        self.compared.waits += waiting::wait(&self.phone, waiting, i64::MAX);
        waiting::still_refuse(&self.phone, never);
    }

    /// The clock is right from now on. What it showed before matters for no longer than a window and
    /// a bucket after the latest time that it showed.
    fn wait_until_all_is_tight(&mut self) {
        self.phone.correct(0);
        if self.phone.restarted_under_step() {
            return;
        }
        let reached = self.phone.peak().max(self.phone.time()) + self.phone.small_corrections();
        for span in [MINUTE, 40 * MINUTE, 25 * HOUR, 9 * DAY, 300 * DAY] {
            let view = self.phone.view(&self.world, self.phone.time());
            let Some(unit) = view.unit_for(span) else { continue };
            let tight_at = reached + span + unit.longest() + if unit.is_civil() { 26 * HOUR } else { 0 };
            if tight_at > SHOWN.1 {
                return;
            }
            self.phone.wait((tight_at - self.phone.time()).max(0));
            for event in EVENTS.into_iter().take(3) {
                let view = self.phone.view(&self.world, self.phone.time());
                if let Some(bounds) = truths::bounds(&self.phone, event, span) {
                    truths::tight(&view, event, span, bounds, &format!("{bounds:?} of {event} in {span} ms"));
                    self.compared.truths += 1;
                }
            }
            self.take(Step::Record { event: span as usize % 3, count: 1 });
        }
    }
}
