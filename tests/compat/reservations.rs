//! Reservations: they own their hold on the store and go where the work goes.

use std::sync::mpsc;
use std::thread;

use crate::counter::{Error, EventStore, Reservation, Result, TimeUnit};

/// An upload that counts when it ends well.
struct Upload {
    file: String,
    slot: Reservation,
}

impl Upload {
    fn start(store: &EventStore, file: &str) -> Result<Upload> {
        Ok(Upload { file: file.to_owned(), slot: slot(store, "upload", 2)? })
    }

    fn finish(self, result: std::result::Result<(), &str>) -> String {
        match result {
            Ok(()) => self.slot.commit(),
            Err(_) => self.slot.cancel(),
        }
        self.file
    }
}

fn slot(store: &EventStore, event: &str, most: u32) -> Result<Reservation> {
    store.limit().at_most(event, most, (2, TimeUnit::Days)).reserve(event)
}

#[test]
fn a_reservation_is_returned_and_stored_in_a_struct() {
    let store = EventStore::new();
    let first = Upload::start(&store, "a.jpg").unwrap();
    let second = Upload::start(&store, "b.jpg").unwrap();
    let third = Upload::start(&store, "c.jpg");
    assert!(matches!(third, Err(Error::LimitExceeded(refused)) if refused.event_id == "upload"));
    assert_eq!(first.finish(Ok(())), "a.jpg");
    assert_eq!(second.finish(Err("no network")), "b.jpg");
    assert_eq!(store.query("upload").last_days(2).sum(), Some(1));

    let third = Upload::start(&store, "c.jpg").unwrap();
    assert!(Upload::start(&store, "d.jpg").is_err());
    drop(third);
    let mut waiting: Vec<Upload> = Vec::new();
    while let Ok(upload) = Upload::start(&store, "e.jpg") {
        waiting.push(upload);
    }
    assert_eq!(waiting.len(), 1);
    waiting.into_iter().for_each(|upload| upload.slot.commit());
    assert_eq!(store.query("upload").last_days(2).sum(), Some(2));
}

#[test]
fn a_reservation_is_committed_on_another_thread() {
    let store = EventStore::new();
    let (send, jobs) = mpsc::channel::<(u32, Option<Reservation>)>();
    let worker = thread::spawn(move || {
        let mut done = 0;
        for (job, slot) in jobs {
            match slot {
                Some(slot) if job % 2 == 0 => {
                    slot.commit();
                    done += 1;
                }
                Some(slot) => slot.cancel(),
                None => {}
            }
        }
        done
    });
    for job in 0..6 {
        send.send((job, slot(&store, "job", 10).ok())).unwrap();
    }
    let last = slot(&store, "job", 100).unwrap();
    let committed = thread::spawn(move || last.commit());
    drop(send);
    committed.join().unwrap();
    assert_eq!(worker.join().unwrap(), 3);
    assert_eq!(store.query("job").last_days(2).sum(), Some(4));
}
