//! Random schedules: the steps, how they are drawn, and how a failing one is made smaller.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::place;
use super::property::quietly;
use super::world::World;
use super::zones::ZONES;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Base,
    Erase,
    /// Also backups, which are restored with another identity.
    Restore,
    /// Also without identity.
    Fork,
    Import,
    /// Also days pass, and old minutes are dropped.
    Age,
    /// Also large steps of the clocks.
    Clock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Record(usize, usize),
    RecordPast(usize, usize),
    Persist(usize),
    Crash(usize),
    /// A power loss. Of what a log did not sync, so many parts of 256 survive.
    LosePower(usize, u8),
    Reopen(usize),
    Compact(usize),
    /// To the messages in flight.
    Export(usize),
    All(usize),
    Single(usize, usize),
    Knowledge(usize),
    /// What the first has that is new to the one of the n-th newest sync state.
    Since(usize, usize),
    Parts(usize),
    PartsSince(usize, usize),
    /// The n-th newest message, which stays in flight.
    Merge(usize, usize),
    Lose(usize),
    Truncated(usize, usize),
    /// From the first to the second at once.
    Delta(usize, usize),
    /// All parts, in an order that the number says.
    AllParts(usize, usize, usize),
    Erase(usize, usize),
    EraseAll(usize),
    Import(usize, usize),
    Backup(usize),
    RestoreWithIdentity(usize),
    Restore(usize),
    /// The second becomes a copy of the first.
    CopyWithIdentity(usize, usize),
    Copy(usize, usize),
    /// All clocks go on by so many hours.
    Pass(usize),
    /// A clock is set by so many hours, minus 48.
    SetClock(usize, usize),
}
use Step::*;

/// The storage of a device, and the number of its zone.
type Home = (place::Kind, usize);

#[derive(Debug, Clone)]
pub struct Schedule {
    #[allow(dead_code, reason = "it is printed with a failure")]
    pub seed: u64,
    pub kind: Kind,
    pub devices: usize,
    pub events: usize,
    /// The storage and the zone of each device.
    pub homes: Vec<Home>,
    /// Whether everyone hears everyone by deltas at the end.
    pub deltas: bool,
    pub steps: Vec<Step>,
}

/// xorshift64*
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize) % n
    }
}

impl Schedule {
    pub fn random(kind: Kind, seed: u64) -> Schedule {
        let mut random = Random::new(seed);
        let (devices, events) = (2 + random.below(4), 2 + random.below(3));
        let home = |random: &mut Random| {
            (place::Kind::ALL[random.below(place::Kind::ALL.len())], random.below(ZONES))
        };
        let homes = (0..devices).map(|_| home(&mut random)).collect();
        let (length, rare) = (20 + random.below(121), [2, 6, 15][random.below(3)]);
        let mut steps = Vec::new();
        while steps.len() < length {
            let common = random.below(rare + 1) > 0;
            let step = if common {
                usual(&mut random, devices, events)
            } else {
                rarer(kind, &mut random, devices, events)
            };
            steps.extend(step);
        }
        Schedule { seed, kind, devices, events, homes, deltas: random.below(2) == 0, steps }
    }

    pub fn run(&self) -> Result<(), String> {
        let run = || {
            let mut world = World::new(self);
            for (number, step) in self.steps.iter().enumerate() {
                world.step(number, *step).map_err(|error| format!("step {number} {step:?}: {error}"))?;
            }
            world.finish(self.deltas)
        };
        let panicked = |panic: Box<dyn std::any::Any + Send>| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(format!("panic: {}", text.unwrap_or_else(|| "?".into())))
        };
        quietly(|| catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(panicked))
    }

    /// Removes steps as long as it still fails, and then kinds of storages and zones.
    fn shrunk(self) -> Schedule {
        let mut small = self.with_fewer_steps();
        for d in 0..small.devices {
            let (place, zone) = small.homes[d];
            for home in [(place, 0), (place::Kind::Memory, zone), (place::Kind::Memory, 0)] {
                let mut simpler = small.clone();
                simpler.homes[d] = home;
                if simpler.run().is_err() {
                    small = simpler;
                }
            }
        }
        small.with_fewer_steps()
    }

    fn with_fewer_steps(mut self) -> Schedule {
        let mut width = (self.steps.len() / 2).max(1);
        loop {
            let (mut at, mut removed) = (0, false);
            while at < self.steps.len() {
                let mut fewer = self.clone();
                fewer.steps.drain(at..(at + width).min(self.steps.len()));
                match fewer.run() {
                    Err(_) => (self, removed) = (fewer, true),
                    Ok(()) => at += width,
                }
            }
            if !removed && width == 1 {
                return self;
            }
            width = if removed { width } else { width / 2 }.max(1);
        }
    }
}

/// Runs schedules of a kind. Panics with the smallest form of the first that fails.
pub fn explore(kind: Kind, schedules: u64) {
    let first = std::env::var("TINY_COUNTER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    for seed in first..first + schedules {
        let schedule = Schedule::random(kind, seed);
        if let Err(error) = schedule.run() {
            let small = schedule.shrunk();
            panic!("seed {}: {error}\nsmaller: {:?}\n{small:?}", small.seed, small.run());
        }
    }
}

fn usual(random: &mut Random, devices: usize, events: usize) -> Option<Step> {
    let (d, e, n) = (random.below(devices), random.below(events), random.below(6));
    let other = (d + 1 + random.below(devices - 1)) % devices;
    Some(match random.below(32) {
        0..8 => Record(d, e),
        8..10 => RecordPast(d, e),
        10 => Persist(d),
        11 if n < 3 => Crash(d),
        11 => LosePower(d, random.below(256) as u8),
        12 => {
            if n == 0 {
                Compact(d)
            } else {
                Reopen(d)
            }
        }
        13..15 => Export(d),
        15 => All(d),
        16 => Single(d, e),
        17 => Knowledge(d),
        18..20 => Since(d, n),
        20 => Parts(d),
        21 => PartsSince(d, n),
        22..28 => Merge(d, n),
        28 => {
            if n < 3 {
                Lose(n)
            } else {
                Truncated(d, n - 3)
            }
        }
        29..31 => Delta(d, other),
        _ => AllParts(d, other, random.below(1_000)),
    })
}

/// Steps of one kind, which are drawn less often, so that counts live long enough to be confused.
fn rarer(kind: Kind, random: &mut Random, devices: usize, events: usize) -> Option<Step> {
    let (d, e, n) = (random.below(devices), random.below(events), random.below(6));
    let other = (d + 1 + random.below(devices - 1)) % devices;
    let erase = if n == 0 { EraseAll(d) } else { Erase(d, e) };
    let restore = [Backup(d), Backup(other), RestoreWithIdentity(d), CopyWithIdentity(d, other), erase];
    match kind {
        Kind::Base => None,
        Kind::Erase => Some(erase),
        Kind::Restore => Some(restore[random.below(5)]),
        Kind::Fork => {
            Some([Backup(d), Restore(d), Copy(d, other), restore[random.below(5)]][random.below(4)])
        }
        Kind::Import => Some(if random.below(3) == 0 { erase } else { Import(d, n) }),
        Kind::Age => {
            Some(if random.below(2) == 0 { Pass(random.below(40)) } else { restore[random.below(5)] })
        }
        Kind::Clock => Some(if random.below(2) == 0 { SetClock(d, random.below(97)) } else { erase }),
    }
}
