//! Phones that tell each other what they counted.

use super::Fallible;
use super::phone::{ACTION, Phone};

/// Every phone hands its export to every other one: as a file, a message, or however an app likes. Doing it again is harmless.
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

/// How many actions each phone knows of, its own and the others'.
pub fn actions_known(phones: &[Phone]) -> Fallible<String> {
    let known: Fallible<Vec<String>> = phones
        .iter()
        .map(|phone| {
            let actions = phone.store()?.query(ACTION).lifetime().unwrap_or(0);
            Ok(format!("{} knows of {actions} actions", phone.name))
        })
        .collect();
    Ok(known?.join(", "))
}
