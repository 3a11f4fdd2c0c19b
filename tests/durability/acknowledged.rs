//! What the processes reported before they were killed.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read};
use std::thread::JoinHandle;

use super::child::{EVENTS, PROMISES};

type Counts = HashMap<String, u64>;

#[derive(Debug, Default)]
pub struct Acknowledged {
    recorded: Counts,
    /// Of `recorded`: how many were followed by a call that promises to have stored everything
    /// before it.
    promised: Counts,
    /// What was stored when the last process began.
    before: Counts,
    /// Which kinds of promises were made.
    kinds: BTreeSet<String>,
}

/// Reads what a process reports until it ends.
pub fn listen(output: impl Read + Send + 'static) -> JoinHandle<Vec<(String, String)>> {
    std::thread::spawn(move || {
        let mut lines = Vec::new();
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        // A line that was cut off does not count.
        while output.read_until(b'\n', &mut line).is_ok_and(|_| line.ends_with(b"\n")) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if let Some((word, name)) = text.split_once(' ')
                && ["record", "stored", "begin", "promise"].contains(&word)
            {
                lines.push((word.to_owned(), name.to_owned()));
            }
            line.clear();
        }
        lines
    })
}

impl Acknowledged {
    /// Adds what one process reported.
    pub fn add(&mut self, lines: Vec<(String, String)>) {
        // For each running call: what was recorded when it began.
        let mut begun: HashMap<String, Counts> = HashMap::new();
        for (word, name) in lines {
            match word.as_str() {
                "record" => *self.recorded.entry(name).or_default() += 1,
                // A decision is a promise about itself.
                "stored" => {
                    let count = self.recorded.entry(name.clone()).or_default();
                    *count += 1;
                    self.promised.insert(name, *count);
                }
                "begin" => _ = begun.insert(name, self.recorded.clone()),
                _ => {
                    for (event, count) in begun.remove(&name).expect("a call that returned had begun") {
                        let promised = self.promised.entry(event).or_default();
                        *promised = count.max(*promised);
                    }
                    self.kinds.insert(name);
                }
            }
        }
    }

    pub fn recorded(&self, event: &str) -> u64 {
        self.recorded.get(event).copied().unwrap_or(0)
    }

    pub fn promised(&self, event: &str) -> u64 {
        self.promised.get(event).copied().unwrap_or(0)
    }

    pub fn before(&self, event: &str) -> u64 {
        self.before.get(event).copied().unwrap_or(0)
    }

    /// Continues with what was found after a kill.
    pub fn found(&mut self, there: impl Fn(&str) -> u64) {
        self.recorded = EVENTS.iter().map(|event| ((*event).to_owned(), there(event))).collect();
        self.promised = self.recorded.clone();
        self.before = self.recorded.clone();
    }

    /// Whether every kind of promise was made and every event was recorded.
    pub fn is_complete(&self) -> bool {
        PROMISES.iter().all(|kind| self.kinds.contains(*kind))
            && EVENTS.iter().all(|event| self.recorded(event) > 0)
    }
}
