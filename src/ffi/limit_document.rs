//! Limits as JSON documents.

use super::error::EventStoreError;
use super::rule::Limit;
use crate::LimitSet;

/// A limit of a set.
#[derive(Debug, Clone, uniffi::Record)]
pub struct NamedLimit {
    /// The name in the set, 1 to 1,024 bytes of UTF-8.
    pub name: String,
    /// The limit.
    pub limit: Limit,
}

/// The limit of a document, whose form `docs/rules.md` describes. What is unknown or wrong is an
/// error; nothing is skipped. Whether the windows fit the tracked units of a store is checked by
/// `prepare`.
///
/// Fails with `InvalidRules`, which names the place of what is wrong; with `Incompatible` for a
/// newer version of the form; with `InvalidArgument` for more than 1 MiB.
#[uniffi::export]
pub fn limit_from_json(text: &str) -> Result<Limit, EventStoreError> {
    crate::Limit::from_json(text)?.try_into()
}

/// The document of a limit. `limit_from_json` makes the same limit of it.
///
/// Fails with `InvalidArgument` for a number out of bounds, for more than 64 rules, and for groups
/// without rules or more than 4 deep; with `InvalidRules` for what a document cannot hold.
#[uniffi::export]
pub fn limit_to_json(limit: Limit) -> Result<String, EventStoreError> {
    Ok(crate::Limit::try_from(limit)?.to_json()?)
}

/// The limits of a document, at most 1,024, in the order of the bytes of their names. They are read
/// as a whole or not at all.
///
/// Fails as `limit_from_json`.
#[uniffi::export]
pub fn limit_set_from_json(text: &str) -> Result<Vec<NamedLimit>, EventStoreError> {
    let set = LimitSet::from_json(text)?;
    let limits = set
        .iter()
        .map(|(name, limit)| Ok(NamedLimit { name: name.to_owned(), limit: limit.clone().try_into()? }));
    limits.collect()
}

/// The document of a set of limits. `limit_set_from_json` makes the same set of it. Of limits with
/// the same name the last one counts.
///
/// Fails as `limit_to_json`, also with `InvalidRules` for an empty name, a name of more than 1,024
/// bytes of UTF-8 and more than 1,024 limits, and with `InvalidArgument` for more than 1 MiB.
#[uniffi::export]
pub fn limit_set_to_json(limits: Vec<NamedLimit>) -> Result<String, EventStoreError> {
    let limits = limits
        .into_iter()
        .map(|NamedLimit { name, limit }| Ok::<_, EventStoreError>((name, limit.try_into()?)));
    Ok(limits.collect::<Result<LimitSet, _>>()?.to_json()?)
}
