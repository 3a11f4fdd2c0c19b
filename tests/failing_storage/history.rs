//! The counts that an event may have after a failure: the last acknowledged count and every later
//! one.

use std::collections::BTreeMap;

pub struct History(BTreeMap<&'static str, Vec<Option<u64>>>);

impl History {
    pub fn new(names: &[&'static str]) -> History {
        History(names.iter().map(|name| (*name, vec![None])).collect())
    }

    pub fn now(&self, name: &str) -> Option<u64> {
        *self.0[name].last().unwrap()
    }

    pub fn add(&mut self, name: &str, count: u64) {
        let now = self.now(name).unwrap_or(0) + count;
        self.0.get_mut(name).unwrap().push(Some(now));
    }

    pub fn erase(&mut self, name: &str) {
        self.0.get_mut(name).unwrap().push(None);
    }

    pub fn acknowledge(&mut self) {
        self.0.values_mut().for_each(|values| drop(values.drain(..values.len() - 1)));
    }

    pub fn continue_from(&mut self, name: &str, value: Option<u64>) {
        // A loss of power may still undo what a kill has left.
        self.0.get_mut(name).unwrap().push(value);
    }

    pub fn allows(&self, name: &str, value: Option<u64>) -> bool {
        self.0[name].contains(&value)
    }
}
