//! Arguments at the ends of their ranges.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::prelude::*;
use tiny_counter::{TimeUnit, Zone};

#[derive(Clone)]
pub struct Extremes {
    pub name: String,
    pub other: String,
    pub n: usize,
    pub from: usize,
    pub count: u32,
    pub duration: Duration,
    pub time: DateTime<Utc>,
    pub hours: (u8, u8),
    pub offsets: (i32, i32),
    pub change: i64,
    pub tracked: Vec<(usize, usize)>,
}

impl std::fmt::Debug for Extremes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short =
            |name: &str| format!("{:?} ({} bytes)", name.chars().take(20).collect::<String>(), name.len());
        f.debug_struct("Extremes")
            .field("name", &short(&self.name))
            .field("other", &short(&self.other))
            .field("numbers", &(self.n, self.from, self.count, self.hours))
            .field("duration", &self.duration)
            .field("time", &self.time)
            .field("zone", &(self.offsets, self.change))
            .field("tracked", &self.tracked)
            .finish()
    }
}

impl Extremes {
    /// The zone of these offsets, or UTC if they are invalid.
    pub fn zone(&self) -> Zone {
        let _ = Zone::fixed(self.offsets.0);
        let changes = [(self.change, self.offsets.1), (self.change.saturating_add(1), self.offsets.0)];
        Zone::table(self.offsets.0, changes.into()).unwrap_or_else(|_| Zone::utc())
    }
}

pub const UNITS: [TimeUnit; 8] = [
    TimeUnit::Seconds,
    TimeUnit::Minutes,
    TimeUnit::Hours,
    TimeUnit::Days,
    TimeUnit::Weeks,
    TimeUnit::Months,
    TimeUnit::Years,
    TimeUnit::Ever,
];

pub fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("x".to_owned()),
        2 => prop::sample::select(vec!["", "..", "/", "\0", "\u{1F4A9}", "a\nb", "con"]).prop_map(str::to_owned),
        1 => Just("n".repeat(1_024)),
        1 => Just("ü".repeat(513)),
        1 => ".*",
    ]
}

fn number() -> impl Strategy<Value = usize> {
    let known = vec![0, 1, 2, 59, 60, 100_000, 100_001, usize::MAX - 1, usize::MAX, usize::MAX / 2, 1 << 32];
    prop_oneof![prop::sample::select(known), 0..500usize, any::<usize>()]
}

pub fn duration() -> impl Strategy<Value = Duration> {
    let known = vec![
        Duration::MAX,
        Duration::MIN,
        Duration::zero(),
        Duration::nanoseconds(1),
        Duration::nanoseconds(-1),
        Duration::milliseconds(1),
        Duration::days(365),
        Duration::days(262_000 * 365),
        Duration::days(-262_000 * 365),
    ];
    let any = any::<i64>().prop_map(|millis| Duration::try_milliseconds(millis).unwrap_or(Duration::MIN));
    prop_oneof![prop::sample::select(known), any, (0..100_000_000i64).prop_map(Duration::seconds)]
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    let year =
        |year: i32| NaiveDate::from_ymd_opt(year, 6, 30).unwrap().and_hms_opt(23, 59, 59).unwrap().and_utc();
    let known = vec![DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::UNIX_EPOCH];
    let years = prop_oneof![
        1 => -262_000..262_000i32,
        1 => prop::sample::select(vec![-262_000, -1, 0, 1, 2, 9_998, 9_999, 10_000, 262_000]),
        4 => 1960..2100i32,
    ];
    prop_oneof![1 => prop::sample::select(known), 5 => years.prop_map(year)]
}

fn offset() -> impl Strategy<Value = i32> {
    prop_oneof![4 => -64_800..=64_800i32, 1 => any::<i32>(), 1 => prop::sample::select(vec![i32::MIN, i32::MAX, 64_800, -64_800])]
}

fn change() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        0..4_000_000_000_000i64,
        prop::sample::select(vec![i64::MIN, i64::MAX, -62_135_596_800_000])
    ]
}

pub fn extremes() -> impl Strategy<Value = Extremes> {
    let count = prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>()];
    let tracked = prop::collection::vec((0..7usize, number()), 0..4);
    let small = (name(), name(), number(), number(), count, any::<(u8, u8)>());
    (small, duration(), time(), (offset(), offset()), change(), tracked).prop_map(
        |((name, other, n, from, count, hours), duration, time, offsets, change, tracked)| Extremes {
            name,
            other,
            n,
            from,
            count,
            duration,
            time,
            hours,
            offsets,
            change,
            tracked,
        },
    )
}
