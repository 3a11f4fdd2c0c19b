//! The exchange of counts between phones.

use super::Fallible;
use super::phone::{ACTION, Phone};

/// Merges the export of every phone into every other phone. A real app sends an export as a file or
/// a message. Merging the same export again changes nothing.
pub fn everyone_tells_everyone(phones: &[Phone]) -> Fallible<String> {
    let (mut exports, mut bytes) = (0, 0);
    for from in phones {
        let export = from.store()?.export_bytes()?;
        for to in phones.iter().filter(|to| to.name != from.name) {
            to.store()?.merge_bytes(&export)?;
            exports += 1;
            bytes += export.len();
        }
    }
    Ok(format!("{exports} exports of {} bytes on average", bytes / exports.max(1)))
}

/// The number of actions that each phone knows, its own and those of the others.
pub fn actions_known(phones: &[Phone]) -> Fallible<String> {
    let known: Fallible<Vec<String>> = phones
        .iter()
        .map(|phone| {
            let actions = phone.store()?.query(ACTION).lifetime().unwrap_or(0);
            Ok(format!("{} knows {actions} actions", phone.name))
        })
        .collect();
    Ok(known?.join(", "))
}
