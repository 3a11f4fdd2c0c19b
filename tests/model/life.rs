//! One random life of a phone, in the library and in the model.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use tiny_counter::{Error, TimeUnit};

use super::step::{SETTINGS, Setting, Step};
use crate::common::model::{Entry, Forgotten, View, World};
use crate::common::phone::{Home, Phone, at_millis};
use crate::common::rules::Verdict;
use crate::common::trace::EVENTS;
use crate::common::unit::{DAY, MINUTE, Numbers, Unit};
use crate::common::zone::zones;
use crate::common::{ask, ask_limits};

const DEVICE: u32 = 1;
/// 2026-03-07T21:30:00.123Z: the night before the clocks change in New York.
const BEGINNING: i64 = 1_772_919_000_123;
/// 2024-01-01T00:00:00Z: the time of a clock after the battery was empty.
const FLAT: i64 = 1_704_067_200_000;

pub struct Life {
    world: World,
    phone: Phone,
    forgotten: Forgotten,
    /// The buckets in which an event was counted, by unit.
    counted: BTreeMap<(&'static str, Unit), BTreeSet<i64>>,
    /// The local dates on which there was a persist.
    dates: BTreeSet<i64>,
    /// Whether the numbers of the current buckets ever went back.
    went_back: bool,
    compared: Compared,
}

/// How many answers of the library were compared with the model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Compared {
    pub verdicts: usize,
    /// How often every answer about an event was compared.
    pub events: usize,
}

impl Life {
    pub fn begin(setting: Setting, home: Home) -> Life {
        let phone = Phone::new(DEVICE, zones()[0].clone(), setting, home);
        phone.set_time(BEGINNING);
        let mut life = Life {
            world: World::default(),
            phone,
            forgotten: Forgotten::default(),
            counted: BTreeMap::new(),
            dates: BTreeSet::new(),
            went_back: false,
            compared: Compared::default(),
        };
        // A store that has counted nothing does not store its clock.
        life.take(Step::Record { event: 0, count: 1 });
        life
    }

    /// Takes all steps, and asks again a few times later.
    pub fn through(mut self, steps: &[Step]) -> Compared {
        steps.iter().for_each(|step| self.take(*step));
        for (salt, later) in [(30, 0), (40, 9 * DAY), (50, 370 * DAY)] {
            self.take(Step::Wait(later));
            self.take(Step::Ask(salt));
        }
        self.compared
    }

    fn take(&mut self, step: Step) {
        // The store has to read the clock at every step, as the model does.
        let now = self.phone.time();
        let _ = self.phone.store().health();
        match step {
            Step::Record { event, count } => {
                self.phone.store().record_count(EVENTS[event], count);
                self.note(EVENTS[event], count, now);
            }
            Step::Past { event, count, ago } => {
                let at = now - ago;
                if ago % 2 == 0 {
                    self.phone.store().record_count_ago(EVENTS[event], count, Duration::milliseconds(ago));
                } else {
                    self.phone.store().record_count_at(EVENTS[event], count, at_millis(at)).unwrap();
                }
                self.note(EVENTS[event], count, at);
            }
            Step::Future { event, ahead } => {
                self.phone.store().record_ago(EVENTS[event], Duration::milliseconds(-ahead));
                let done = self.phone.store().record_at(EVENTS[event], at_millis(now + ahead));
                match ahead <= MINUTE {
                    true => done.map(|()| self.note(EVENTS[event], 2, now)).unwrap(),
                    false => assert!(matches!(done, Err(Error::FutureEvent))),
                }
            }
            Step::Wait(span) => self.turn_to(now + span),
            Step::ClockBack(span) => self.turn_to(now - span),
            Step::FlatBattery => self.turn_to(FLAT),
            Step::Fly(to) => {
                self.phone.move_to(zones()[to].clone());
                self.went_back = true;
            }
            Step::Persist if self.phone.has_storage() => {
                self.phone.store().persist().unwrap();
                self.age();
            }
            Step::Reopen(setting) if self.phone.has_storage() => self.reopen(SETTINGS[setting]),
            Step::Compact if self.phone.has_storage() => self.compact(),
            Step::Persist | Step::Reopen(_) | Step::Compact => {}
            Step::Decide { event, salt } => self.decide(EVENTS[event], salt),
            Step::Reserve { event, happens } => self.reserve(EVENTS[event], happens),
            Step::Ask(salt) => self.ask(salt),
        }
    }

    fn turn_to(&mut self, time: i64) {
        // 2012 to 2062: the model's calendar covers these years with all windows.
        let time = time.clamp(1_325_376_000_000, 2_903_299_200_000);
        self.went_back |= time < self.phone.time();
        self.phone.set_time(time);
        let _ = self.phone.store().health();
    }

    fn view(&self) -> View<'_> {
        let view = self.phone.view(&self.world, self.phone.time());
        View { forgotten: Some(&self.forgotten), ..view }
    }

    /// Records in the model what was recorded in the library.
    fn note(&mut self, event: &'static str, count: u32, at: i64) {
        let now = self.phone.time();
        let current = Numbers::of(now, self.phone.zone.offset_at(now));
        let numbers = Numbers::of(at, self.phone.zone.offset_at(at));
        let mut counted = 0;
        for (unit, buckets) in self.phone.tracked.clone() {
            let (number, current) = (numbers.get(unit), current.get(unit));
            // One bucket more than the window is kept, because a rolling window covers a part of
            // it.
            if current - number <= buckets as i64 {
                counted |= 1 << unit as u8;
                if count > 0 {
                    self.counted.entry((event, unit)).or_default().insert(number);
                }
            }
            self.crowd(event, unit, buckets, current);
        }
        let entry = Entry { at, numbers, count, place: 0, noted: now, counted };
        self.world.note(DEVICE, event, entry);
        *self.phone.knows.entry(DEVICE).or_default() += 1;
    }

    /// A series holds at most twice as many buckets as its window. Beyond that, buckets that have
    /// left the window are dropped first, and then those furthest ahead, from a clock that was
    /// ahead, are added together. Of those only the sum is certain.
    fn crowd(&mut self, event: &'static str, unit: Unit, buckets: usize, current: i64) {
        if self.counted.get(&(event, unit)).is_some_and(|numbers| numbers.len() > 2 * buckets) {
            let below = if self.went_back { i64::MAX } else { current - buckets as i64 };
            let known = self.forgotten.of_event.entry((event, unit)).or_insert(below);
            *known = (*known).max(below);
        }
    }

    /// A persist drops buckets more than twice the window before the oldest of the last three dates
    /// with a persist. The model only knows that this date is at most the third from the latest.
    fn age(&mut self) {
        let now = self.phone.time();
        let today = Numbers::of(now, self.phone.zone.offset_at(now)).get(Unit::Days);
        self.dates.insert(today);
        let Some(oldest) = self.dates.iter().rev().nth(2).copied() else { return };
        for unit in Unit::ALL {
            // A unit that is no longer tracked ages by its last number of buckets.
            let least = SETTINGS.iter().flat_map(|setting| setting.iter()).filter(|(of, _)| *of == unit);
            let least = least.map(|(_, buckets)| *buckets as i64).min().unwrap_or(0);
            let buckets = self.phone.tracked.iter().find(|(of, _)| *of == unit).map(|(_, n)| *n as i64);
            let number = match unit {
                Unit::Seconds | Unit::Minutes | Unit::Hours => oldest * DAY / unit.span(),
                civil => civil.of_date(oldest),
            };
            let below = number - 2 * buckets.unwrap_or(least);
            let known = self.forgotten.of_all.entry(unit).or_insert(below);
            *known = (*known).max(below);
        }
    }

    fn reopen(&mut self, setting: Setting) {
        self.age();
        self.phone.reopen(setting);
        self.ask(3);
    }

    fn compact(&mut self) {
        self.age();
        self.phone.compact();
        assert_eq!(self.phone.store().memory_usage(), 0);
        assert!(!self.phone.store().is_dirty());
    }

    /// One decision, which counts if it passes.
    fn decide(&mut self, event: &'static str, salt: usize) {
        let view = self.view();
        let rules = ask_limits::rules(&view, event, salt);
        let rule = rules[salt % rules.len()];
        let comparable = ask_limits::one_rule(&self.phone, &view, event, rule);
        self.compared.verdicts += usize::from(comparable);
        let passes = ask_limits::verdict(&self.phone, event, rule) == Verdict::Passes;
        let done = ask_limits::limiter(&self.phone, event, rule).check_and_record(event);
        assert_eq!(done.is_ok(), passes, "{rule:?}");
        if passes {
            self.note(event, 1, self.phone.time());
        }
    }

    /// A reservation counts for `at_most` until it is committed or cancelled.
    fn reserve(&mut self, event: &'static str, happens: bool) {
        let view = self.view();
        let before = view.lifetime(event).unwrap_or(0);
        let Ok(limit) = u32::try_from(before + 2) else { return };
        let limited = || self.phone.store().limit().at_most(event, limit, TimeUnit::Ever);
        let reserved = limited().reserve(event).unwrap();
        assert_eq!(limited().usage(event).unwrap().remaining, 1);
        assert_eq!(self.phone.store().query(event).lifetime().unwrap_or(0), before);
        if happens {
            reserved.commit()
        } else {
            drop(reserved)
        }
        self.note(event, happens.into(), self.phone.time());
    }

    fn ask(&mut self, salt: usize) {
        let view = self.view();
        let event = EVENTS[salt % 3];
        let all = ask::one(&self.phone, &view, event, salt / 3);
        ask::several_events(&self.phone, &view, salt);
        let names: Vec<&str> = view.events().into_iter().collect();
        assert_eq!(self.phone.store().events(), names);
        let rules = ask_limits::rules(&view, event, salt);
        let chosen = rules.iter().skip(salt % 9).step_by(9);
        let compared = chosen.filter(|rule| ask_limits::one_rule(&self.phone, &view, event, **rule)).count();
        self.compared.verdicts += compared;
        self.compared.events += usize::from(all);
    }
}
