//! Random histories and random rules.

use proptest::prelude::*;

use super::history::{History, deed};
use super::rule::rule;

/// So many histories by default, or so many in the long run.
fn histories() -> u32 {
    if std::env::var_os("TINY_COUNTER_LONG").is_some() { 40_000 } else { 400 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: histories(), failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn every_refusal_holds_until_the_time_it_names_and_no_longer(
        zone in 0..9usize,
        deeds in prop::collection::vec(deed(), 0..16),
        pending in 0..3usize,
        rules in prop::collection::vec(rule(), 1..24),
        samples in prop::collection::vec(0.0..1.0f64, 4),
    ) {
        let history = History::begin(zone);
        deeds.iter().for_each(|deed| history.take(*deed));
        history.keeps_its_word(&rules, pending, &samples);
    }
}
