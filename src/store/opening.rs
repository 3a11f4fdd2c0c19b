//! Opening a storage: loading the store record and the lists, and adding what was lost.

use super::backend::{Backend, Damage};
use crate::bounds::MAX_PAGES;
use crate::clock::TimeSource;
use crate::codec::{self, Malformed, StoreRecord};
use crate::engine::{BUILT_IN, Engine, List, PageId};
use crate::error::{Error, Result};
use crate::random::random;
use crate::report::report;
use crate::storage::key::{self, Part};
use crate::time::instant;

/// Makes a new engine continue from an opened storage. Returns the record that the storage has;
/// absent if it must be written anew.
///
/// # Errors
/// A storage that cannot be read now.
pub(super) fn begin(
    engine: &mut Engine,
    storage: &dyn Backend,
    damage: Damage,
    time_source: &TimeSource,
) -> Result<Option<StoreRecord>> {
    engine.set_opening(random()?);
    if storage.writes_in_background() {
        engine.write_in_background();
    }
    resume(engine, storage, damage, time_source)
}

/// Continues from the store record and the lists of a storage, and adds what was lost. Returns the
/// record that the storage has; absent if it must be written anew.
///
/// # Errors
/// A storage that cannot be read now.
fn resume(
    engine: &mut Engine,
    storage: &dyn Backend,
    damage: Damage,
    time_source: &TimeSource,
) -> Result<Option<StoreRecord>> {
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
    let [erased, reserved, lanes, claims] = record.as_ref().map_or([0; 4], |record| record.pages);
    let mut is_complete = resume_list(engine, storage, List::Erased, erased)?;
    is_complete &= resume_list(engine, storage, List::Lanes, lanes)?;
    is_complete &= resume_list(engine, storage, List::Reserved, reserved)?;
    engine.drop_unstored_reserved(|name| storage.may_hold(name));
    if !is_complete {
        engine.mark_all_pages_changed();
        lost_unknown = true;
    }
    // If a page of the claims is damaged or missing, other stores send its lanes again. That is no
    // loss.
    let has_claims = resume_list(engine, storage, List::Claims, claims)?;
    let is_of_claims = |key: &&String| key::record(key).is_some_and(|name| List::Claims.has_record(name));
    let (lost_claims, lost): (Vec<&String>, Vec<&String>) = damage.lost.iter().partition(is_of_claims);
    if !lost_claims.is_empty() || !has_claims {
        // An earlier page can claim more than the lost one did.
        engine.give_up_all_claims();
    }
    // The key of a record names no event: what it held can concern any event.
    let mut lost: Vec<Option<String>> = lost.iter().map(|key| key::event(key).map(str::to_owned)).collect();
    lost.extend(lost_unknown.then_some(None));
    lost.sort_unstable();
    lost.dedup();
    let is_any = record.is_none() || lost.contains(&None);
    let names = if is_any { storage.names()? } else { lost.iter().flatten().cloned().collect() };
    for name in names {
        // An event that cannot be read is reported when it is needed.
        if let Ok(stored) = storage.load(&name) {
            let key = key::of(&name, Part::Event).into_owned();
            engine.observe_stored(&name, stored, damage.any_is_earlier || damage.lost.contains(&key));
        }
    }
    read_markers(engine, storage);
    if !lost.is_empty() {
        move_clock(engine, time_source);
        engine.add_losses(lost);
        record = None;
    }
    engine.set_kept_aside(damage.kept_aside);
    Ok(record)
}

/// Reads the markers, so that recordings can be counted since their latest occurrences. One that
/// cannot be read is reported when it is needed.
fn read_markers(engine: &mut Engine, storage: &dyn Backend) {
    let stored_built_in = BUILT_IN.into_iter().filter(|name| storage.may_hold(name));
    stored_built_in.for_each(|name| engine.declare_marker(name));
    let names: Vec<String> = engine.markers.names().map(str::to_owned).collect();
    for name in names.iter().filter(|name| storage.may_hold(name)) {
        if let Ok(stored) = storage.load(name) {
            engine.install(name, stored);
        }
    }
}

/// Moves the clock of a store that is being opened, because a loss is noticed now. A reading that
/// shows that the clock went back is confirmed by another one.
pub(super) fn move_clock(engine: &mut Engine, time_source: &TimeSource) {
    let read = || instant::clamp(time_source.unix_millis());
    let (mut reading, watch) = (read(), engine.clock.watch);
    if watch.is_back(reading) {
        reading = read();
    }
    let wanted = watch.wants_monotonic(reading);
    let monotonic = if wanted { time_source.monotonic_millis() } else { None };
    engine.advance_clock(reading, monotonic);
}

fn stored_record(storage: &dyn Backend) -> Result<Option<StoreRecord>> {
    let record = storage.load_record(key::STORE)?.map(|bytes| codec::store_record(&bytes)).transpose();
    record.map_err(|Malformed(what)| Error::corrupt(what))
}

/// Adds the pages of a list. The store record says that there are `count`; pages that follow them
/// are added too, because the count is not known if the store record was lost. Answers whether no
/// page was damaged or missing.
fn resume_list(engine: &mut Engine, storage: &dyn Backend, list: List, count: u32) -> Result<bool> {
    let mut is_complete = true;
    for page in 0..MAX_PAGES {
        let id = PageId { list, page };
        match resume_page(engine, storage, id)? {
            PageState::Whole => continue,
            PageState::Missing if page >= count => break,
            PageState::Damaged => engine.load_empty_page(id),
            PageState::Missing => {}
        }
        is_complete = false;
    }
    Ok(is_complete)
}

/// The state of a stored page.
enum PageState {
    Whole,
    Damaged,
    Missing,
}

/// Adds a page.
fn resume_page(engine: &mut Engine, storage: &dyn Backend, page: PageId) -> Result<PageState> {
    let damaged = match storage.load_record(&page.name()) {
        Ok(None) => return Ok(PageState::Missing),
        Ok(Some(bytes)) => match engine.load_page(page, &bytes) {
            Ok(()) => return Ok(PageState::Whole),
            Err(Malformed(what)) => what.to_owned(),
        },
        Err(Error::Corrupt { what, .. }) => what,
        Err(error) => return Err(error),
    };
    report!(error, "a list of the store is damaged: {damaged}");
    Ok(PageState::Damaged)
}
