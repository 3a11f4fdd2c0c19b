//! Devices beside the truth, the messages that come late, and the steps.

use std::cell::Cell;
use std::hash::Hash;
use std::rc::Rc;

use super::device::{Device, NAMES, Stored, event_of};
use super::fingerprint::fingerprint;
use super::step::{DEVICES, Step};
use super::truth::{Heard, Replacements};
use crate::codec::Message;
use crate::counter::stamp::Stamp;
use crate::time::instant::{DAY, HOUR};

pub(super) type Check = Result<(), String>;

/// A device with what it has heard according to the truth.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) device: Device,
    pub(super) memory: Heard,
    pub(super) durable: Heard,
    pub(super) backup: Option<Rc<(Stored, Heard)>>,
    /// The cell of each event that was begun before the stored part was read.
    pub(super) pending: [Option<Stamp>; 2],
    /// Its fingerprint; 0 if it changed since.
    fingerprint: Cell<u64>,
}

#[derive(Clone)]
pub(super) struct Sent {
    pub(super) message: Message,
    pub(super) heard: Heard,
    pub(super) fingerprint: u64,
}

#[derive(Clone)]
pub(super) struct World {
    pub(super) nodes: [Rc<Node>; DEVICES as usize],
    /// The newest two messages that come late, the newest first.
    pub(super) late: Vec<Rc<Sent>>,
    pub(super) replacements: Rc<Replacements>,
    pub(super) now: i64,
    /// Whether two stores ever counted in one lane.
    pub(super) forked: bool,
    /// Whether cells replace others because of an import, and because a clock was set.
    pub(super) imported: bool,
    pub(super) stepped: bool,
    pub(super) exports: u64,
}

/// When schedules begin: 2023-11-14T12:00:00Z.
pub(super) const BEGIN: i64 = 1_699_963_200_000;

impl World {
    pub(super) fn new() -> World {
        let node = |number| {
            let device = Device::new(number, BEGIN);
            let (memory, durable, fingerprint) = (Heard::default(), Heard::default(), Cell::default());
            Rc::new(Node { device, memory, durable, backup: None, pending: [None; 2], fingerprint })
        };
        World {
            nodes: [0, 1, 2].map(node),
            late: Vec::new(),
            replacements: Rc::default(),
            now: BEGIN,
            forked: false,
            imported: false,
            stepped: false,
            exports: 0,
        }
    }

    pub(super) fn node(&self, d: u8) -> &Node {
        &self.nodes[usize::from(d)]
    }

    pub(super) fn node_mut(&mut self, d: u8) -> &mut Node {
        let node = Rc::make_mut(&mut self.nodes[usize::from(d)]);
        node.fingerprint.set(0);
        node.device.tick(self.now);
        node
    }

    /// A number that is equal for equal worlds.
    pub(super) fn fingerprint(&self) -> u64 {
        fingerprint(|mut out| {
            for node in &self.nodes {
                if node.fingerprint.get() == 0 {
                    node.fingerprint.set(node.compute_fingerprint());
                }
                node.fingerprint.get().hash(&mut out);
            }
            self.late.iter().for_each(|sent| sent.fingerprint.hash(&mut out));
            self.replacements.hash(&mut out);
            (self.now, self.forked, self.imported, self.stepped).hash(&mut out);
        })
    }

    /// Whether a step can be done.
    pub(super) fn allows(&self, step: Step) -> bool {
        match step {
            Step::Record(d, _) => self.free_atom(d).is_some(),
            Step::Merge(_, n) => usize::from(n) < self.late.len(),
            Step::Import(_) => !self.late.is_empty(),
            Step::Restore(d) | Step::RestoreWithIdentity(d) => self.node(d).backup.is_some(),
            Step::Pass => self.now < BEGIN + 4 * DAY,
            Step::SetBack(d) => self.node(d).device.clock_error == 0,
            Step::SetRight(d) => self.node(d).device.clock_error != 0,
            _ => true,
        }
    }

    pub(super) fn step(&mut self, step: Step) -> Check {
        match step {
            Step::Record(d, e) => return self.record(d, e.into()),
            Step::Persist(d) => {
                self.node_mut(d).device.persist();
                return self.persisted(d);
            }
            Step::Crash(d) => {
                let (stored, heard) = (self.node(d).device.stored.clone(), self.node(d).durable.clone());
                self.reopen(d, stored, heard);
            }
            Step::Hear(a, b) => return self.hear(a, b),
            Step::Delta(a, b) => return self.delta(a, b),
            Step::HearParts(a, b) => {
                let message = self.export(a)?;
                return self.merge_parts(a, b, message);
            }
            Step::DeltaParts(a, b) => {
                let message = self.export_for(a, b)?;
                return self.merge_parts(a, b, message);
            }
            Step::Send(d) => {
                let message = self.export(d)?;
                self.send(d, message);
            }
            Step::SendDelta(a, b) => {
                let message = self.export_for(a, b)?;
                self.send(a, message);
            }
            Step::SendSingle(d, e) => {
                let Message { mut events, .. } = self.export(d)?;
                events.retain(|(name, _)| event_of(name) == usize::from(e));
                self.send(d, Message { events, ..Message::default() });
            }
            Step::Merge(d, n) => {
                let sent = Rc::clone(&self.late[usize::from(n)]);
                return self.merge(d, sent.message.clone(), &sent.heard);
            }
            Step::Erase(d, e) => {
                self.node_mut(d).device.load(NAMES[usize::from(e)]);
                self.observe(d)?;
                self.node_mut(d).device.erase(e.into());
                return self.erased(d, |event| event == usize::from(e));
            }
            Step::EraseAll(d) => {
                self.node_mut(d).device.load_all();
                self.observe(d)?;
                self.node_mut(d).device.erase_all();
                return self.erased(d, |_| true);
            }
            Step::Import(d) => return self.import(d),
            Step::TakeOver(d) => return self.take_over(d),
            Step::Backup(d) => {
                let node = self.node_mut(d);
                node.backup = Some(Rc::new((node.device.stored.clone(), node.durable.clone())));
            }
            Step::Restore(d) => {
                let (stored, heard) = self.node(d).backup.as_deref().cloned().unwrap();
                self.forked = true;
                self.reopen(d, stored, heard);
            }
            Step::RestoreWithIdentity(d) => {
                let (stored, heard) = self.node(d).backup.as_deref().cloned().unwrap();
                self.renew_identity(d);
                self.reopen(d, stored, heard);
            }
            Step::Twin(a, b) | Step::TwinWithIdentity(a, b) => {
                let (stored, heard) = (self.node(a).device.stored.clone(), self.node(a).durable.clone());
                if matches!(step, Step::Twin(..)) {
                    self.forked = true;
                    self.node_mut(b).device.token = self.node(a).device.token;
                } else {
                    self.renew_identity(b);
                }
                self.node_mut(b).backup = None;
                self.reopen(b, stored, heard);
            }
            Step::NewIdentity(d) => {
                self.renew_identity(d);
                let (stored, heard) = (self.node(d).device.stored.clone(), self.node(d).durable.clone());
                self.reopen(d, stored, heard);
            }
            Step::Pass => self.pass(),
            Step::Age(d) => {
                self.node_mut(d).device.age();
                return self.persisted(d);
            }
            Step::SetBack(d) => self.set_clock(d, -2 * HOUR),
            Step::SetRight(d) => self.set_clock(d, 0),
        }
        Ok(())
    }

    fn renew_identity(&mut self, d: u8) {
        self.node_mut(d).device.token += DEVICES;
    }

    fn reopen(&mut self, d: u8, stored: Stored, heard: Heard) {
        let now = self.now;
        let node = self.node_mut(d);
        node.device.stored = stored;
        (node.memory, node.durable, node.pending) = (heard.clone(), heard, [None; 2]);
        node.device.open(now);
    }

    /// Notes that everything in the memory of a device is durable.
    pub(super) fn persisted(&mut self, d: u8) -> Check {
        self.observe(d)?;
        let node = self.node_mut(d);
        node.durable = node.memory.clone();
        Ok(())
    }

    fn erased(&mut self, d: u8, is_erased: impl Fn(usize) -> bool) -> Check {
        let replacements = Rc::clone(&self.replacements);
        self.node_mut(d).memory.erase(is_erased, &replacements);
        self.persisted(d)
    }

    fn pass(&mut self) {
        self.now += 2 * DAY;
        for d in 0..DEVICES {
            let node = self.node_mut(d);
            node.memory.pass();
            node.durable.pass();
            if let Some(backup) = &mut node.backup {
                Rc::make_mut(backup).1.pass();
            }
        }
        self.late.iter_mut().for_each(|sent| Rc::make_mut(sent).heard.pass());
    }
}

impl Node {
    /// Whether a cell was begun before the stored part of its event was read.
    pub(super) fn is_pending(&self) -> bool {
        self.pending != [None; 2]
    }

    fn compute_fingerprint(&self) -> u64 {
        let feed = |mut out: &mut dyn std::hash::Hasher| {
            self.device.feed(out);
            (&self.memory, &self.durable, &self.pending).hash(&mut out);
            if let Some((stored, heard)) = self.backup.as_deref() {
                stored.events.hash(&mut out);
                stored.feed_record(out);
                heard.hash(&mut out);
                stored.pages.iter().for_each(|(name, (_, bytes))| (name, bytes).hash(&mut out));
            }
        };
        fingerprint(feed).max(1)
    }
}
