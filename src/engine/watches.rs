//! What changed, for those who watch the store. Every change of an event marks it as due for a
//! write (`record.rs`), and is noted there. What concerns every event is noted where it happens.

use crate::bounds::{MAX_CHANGED_NAMES, MAX_WATCHES};

/// What changed since somebody asked for it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// These events, at most 64, in the order of their first change.
    Events(Vec<String>),
    /// Any event may have changed: there were more than 64, other stores erased, the time zone was
    /// set, the clock went back or was corrected, losses were acknowledged, or the store was closed
    /// or opened again.
    All,
}

impl Changed {
    /// Whether answers about the event can be others than before. An answer about several events
    /// can be another one if one of them is concerned. So can one about the time since a marker, if
    /// the event or the marker is.
    pub fn concerns(&self, event_id: impl crate::EventId) -> bool {
        match self {
            Changed::Events(names) => names.iter().any(|name| name == event_id.as_ref()),
            Changed::All => true,
        }
    }

    fn add(&mut self, name: &str) {
        let Changed::Events(names) = self else { return };
        if names.iter().any(|known| known == name) {
            return;
        }
        match names.len() < MAX_CHANGED_NAMES {
            true => names.push(name.to_owned()),
            false => *self = Changed::All,
        }
    }
}

/// Those who watch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watches {
    watches: Vec<Watch>,
    /// The number of the last watch.
    last: u64,
    /// Whether one of them has to be woken.
    is_wake_due: bool,
}

#[derive(Debug, Clone)]
struct Watch {
    number: u64,
    changed: Option<Changed>,
}

impl Watches {
    /// Adds a watch and returns its number; absent if there are too many.
    pub(crate) fn add(&mut self) -> Option<u64> {
        if self.watches.len() >= MAX_WATCHES {
            return None;
        }
        self.last += 1;
        self.watches.push(Watch { number: self.last, changed: None });
        Some(self.last)
    }

    pub(crate) fn remove(&mut self, number: u64) {
        self.watches.retain(|watch| watch.number != number);
        self.is_wake_due = true;
    }

    pub(crate) fn remove_all(&mut self) {
        self.is_wake_due = !self.watches.is_empty();
        self.watches.clear();
    }

    /// What changed since the last `take` of this watch. Absent if the watch was removed.
    pub(crate) fn take(&mut self, number: u64) -> Option<Option<Changed>> {
        let watch = self.watches.iter_mut().find(|watch| watch.number == number)?;
        Some(watch.changed.take())
    }

    /// Whether those who wait have to be woken. It answers true once.
    #[inline]
    pub(crate) fn take_wake(&mut self) -> bool {
        std::mem::take(&mut self.is_wake_due)
    }

    /// Notes that an event changed.
    #[inline]
    pub(super) fn note(&mut self, name: &str) {
        if !self.watches.is_empty() {
            self.note_watched(name);
        }
    }

    #[cold]
    fn note_watched(&mut self, name: &str) {
        for watch in &mut self.watches {
            match &mut watch.changed {
                Some(changed) => changed.add(name),
                None => {
                    watch.changed = Some(Changed::Events(vec![name.to_owned()]));
                    self.is_wake_due = true;
                }
            }
        }
    }

    /// Notes that answers about every event can be others than before.
    pub(crate) fn note_all(&mut self) {
        for watch in &mut self.watches {
            self.is_wake_due |= watch.changed.is_none();
            watch.changed = Some(Changed::All);
        }
    }
}
