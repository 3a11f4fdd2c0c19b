//! Contenders take turns, and of each the median counts.

use std::time::Duration;

/// How often everybody has a turn; once where the benches are only to be seen to run.
pub fn rounds(rounds: usize) -> usize {
    if std::env::args().any(|argument| argument == "--test") { 1 } else { rounds }
}

pub fn turns(rounds: usize, contenders: [&mut dyn FnMut() -> Duration; 3]) -> [Duration; 3] {
    let mut times = [const { Vec::new() }; 3];
    for round in 0..rounds {
        for turn in 0..3 {
            // Nobody always comes first.
            let place = (round + turn) % 3;
            times[place].push(contenders[place]());
        }
    }
    times.map(median)
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
