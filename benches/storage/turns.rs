//! Measures functions in alternation and returns their medians.

use std::time::Duration;

/// The number of rounds; 1 with `--test`, which only checks that the benchmarks run.
pub fn rounds(rounds: usize) -> usize {
    if std::env::args().any(|argument| argument == "--test") { 1 } else { rounds }
}

/// Runs each function once per round. The functions return the measured time.
pub fn turns<const N: usize>(rounds: usize, functions: [&mut dyn FnMut() -> Duration; N]) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for round in 0..rounds {
        for turn in 0..N {
            // Each round starts with another function.
            let index = (round + turn) % N;
            times[index].push(functions[index]());
        }
    }
    times.map(median)
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
