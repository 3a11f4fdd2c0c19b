//! Opening a storage: taking in the store record and the lists, and what was lost.

use super::backend::{Backend, Damage, STORE};
use super::report::report;
use crate::bounds::MAX_PAGES;
use crate::codec::{self, Malformed, StoreRecord};
use crate::engine::{Engine, List, PageId};
use crate::error::{Error, Result};
use crate::storage::key;
use crate::time::instant;

/// Continues from the store record and the lists of a storage, and adds what was lost. Returns the
/// record that the storage has; absent if it must be written anew.
///
/// # Errors
/// A storage that cannot be read now.
pub(super) fn resume(
    engine: &mut Engine,
    storage: &dyn Backend,
    damage: Damage,
    now: i64,
) -> Result<Option<StoreRecord>> {
    let now = instant::clamp(now);
    let mut lost_unknown = damage.lost_unknown;
    let mut record = match stored_record(storage) {
        Ok(record) => record,
        Err(error @ Error::Corrupt { .. }) => {
            report!(error, "the record of the store was lost: {error}");
            lost_unknown = true;
            None
        }
        Err(error) => return Err(error),
    };
    if let Some(record) = record.clone() {
        engine.resume(record);
    }
    let counts = record.as_ref().map_or([0; 2], |record| record.pages);
    let [erased, reserved] = counts;
    let mut is_complete = resume_list(engine, storage, List::Erased, erased)?;
    is_complete &= resume_list(engine, storage, List::Reserved, reserved)?;
    if !is_complete {
        engine.mark_all_pages_changed();
        lost_unknown = true;
    }
    engine.drop_outdated_erasures();
    // If a page of the version vector is damaged, its lanes are sent again.
    resume_list(engine, storage, List::Lanes, 0)?;
    if lost_unknown || record.is_none() {
        resume_generation(engine, storage)?;
    }
    // What a list of the store held can concern any event.
    let mut lost: Vec<Option<String>> = damage.lost.iter().map(|key| key::event(key)).collect();
    lost.extend(lost_unknown.then_some(None));
    lost.sort_unstable();
    lost.dedup();
    if !lost.is_empty() {
        engine.add_losses(lost, now);
        record = None;
    }
    engine.set_kept_aside(damage.kept_aside);
    Ok(record)
}

fn stored_record(storage: &dyn Backend) -> Result<Option<StoreRecord>> {
    let record = storage.load_record(STORE)?.map(|bytes| codec::store_record(&bytes)).transpose();
    record.map_err(|Malformed(what)| Error::corrupt(what))
}

/// Adds the pages of a list: at least `count`, and those that follow them. Without a store record
/// the count is not known. Answers whether none of them is lost.
fn resume_list(engine: &mut Engine, storage: &dyn Backend, list: List, count: u32) -> Result<bool> {
    let mut is_complete = true;
    for page in 0..MAX_PAGES {
        let id = PageId { list, page };
        match resume_page(engine, storage, id)? {
            Found::Whole => continue,
            Found::Missing if page >= count => break,
            Found::Damaged => engine.load_empty_page(id),
            Found::Missing => {}
        }
        is_complete = false;
    }
    Ok(is_complete)
}

/// What was found of a page.
enum Found {
    Whole,
    Damaged,
    Missing,
}

/// Adds a page.
fn resume_page(engine: &mut Engine, storage: &dyn Backend, page: PageId) -> Result<Found> {
    let damaged = match storage.load_record(&page.name()) {
        Ok(None) => return Ok(Found::Missing),
        Ok(Some(bytes)) => match engine.load_page(page, &bytes) {
            Ok(()) => return Ok(Found::Whole),
            Err(Malformed(what)) => what.to_owned(),
        },
        Err(Error::Corrupt { what, .. }) => what,
        Err(error) => return Err(error),
    };
    report!(error, "a list of the store is damaged: {damaged}");
    Ok(Found::Damaged)
}

/// Takes the generation of the store from the events, because there is no store record. What is
/// recorded from now on would otherwise count as erased.
fn resume_generation(engine: &mut Engine, storage: &dyn Backend) -> Result<()> {
    for name in storage.names()? {
        // An event that cannot be read is reported when it is needed.
        if let Ok(Some(stored)) = storage.load(&name) {
            engine.observe_stored_generation(stored.counter.generation);
        }
    }
    Ok(())
}
