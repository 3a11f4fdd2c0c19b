//! A set of named limits.

use super::document::read_set;
use super::write;
use crate::error::Result;
use crate::limit::Limit;

/// Named limits, for example those that a server sends. A set is loaded as a whole or not at all.
///
/// Limits only read counters, so another set changes no count: a new rule sees the whole history.
///
/// ```
/// use tiny_counter::{EventStore, LimitSet};
///
/// let text = r#"{"version": 1, "limits": {
///     "review": {"all": [{"at_most": 1, "of": "review_prompt", "within": "P90D"}]},
///     "tip": {"all": [{"at_most": 2, "of": "tip", "within": {"days": 1}}]}
/// }}"#;
/// let rules = LimitSet::from_json(text).unwrap();
/// assert!(rules.names().eq(["review", "tip"]));
///
/// let store = EventStore::new();
/// let review = store.prepare(rules.get("review").cloned().unwrap()).unwrap();
/// assert!(review.check_and_record("review_prompt").is_ok());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LimitSet {
    /// In the order of the bytes of the names.
    limits: Vec<(String, Limit)>,
}

impl LimitSet {
    /// The limits of a document, which `docs/rules.md` describes: at most 1,024.
    ///
    /// # Errors
    /// As `Limit::from_json`. No limit is loaded then.
    pub fn from_json(text: &str) -> Result<LimitSet> {
        read_set(text).map_err(|error| *error)
    }

    /// The JSON form of the set. `from_json` makes an equal set of it. Equal sets have the same
    /// form.
    ///
    /// # Errors
    /// `InvalidRules` with the place of what has no such form, as `Limit::to_json`, and for an
    /// empty name, a name of more than 1,024 bytes and more than 1,024 limits; `TooLarge` for more
    /// than 1 MiB.
    pub fn to_json(&self) -> Result<String> {
        write::set(self).map_err(|error| *error)
    }

    /// The limit with this name.
    pub fn get(&self, name: &str) -> Option<&Limit> {
        self.limits.get(self.position(name).ok()?).map(|(_, limit)| limit)
    }

    /// Adds a limit. It takes the place of one with the same name.
    pub(super) fn insert(&mut self, name: String, limit: Limit) {
        match self.position(&name) {
            Ok(position) => {
                if let Some(entry) = self.limits.get_mut(position) {
                    entry.1 = limit;
                }
            }
            Err(position) => self.limits.insert(position, (name, limit)),
        }
    }

    fn position(&self, name: &str) -> std::result::Result<usize, usize> {
        self.limits.binary_search_by(|(other, _)| other.as_str().cmp(name))
    }

    /// The names of the limits, in the order of their bytes.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.iter().map(|(name, _)| name)
    }

    /// The limits with their names, in the order of the bytes of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Limit)> + Clone {
        self.limits.iter().map(|(name, limit)| (name.as_str(), limit))
    }

    /// The number of limits.
    pub fn len(&self) -> usize {
        self.limits.len()
    }

    /// Whether there is no limit.
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }
}

impl FromIterator<(String, Limit)> for LimitSet {
    /// A set of these limits. A later limit takes the place of an earlier one with the same name.
    fn from_iter<T: IntoIterator<Item = (String, Limit)>>(limits: T) -> LimitSet {
        let mut limits: Vec<_> = limits.into_iter().collect();
        // The sort is stable, so the latest one of a name comes first and is kept.
        limits.reverse();
        limits.sort_by(|(one, _), (other, _)| one.cmp(other));
        limits.dedup_by(|(later, _), (earlier, _)| later == earlier);
        LimitSet { limits }
    }
}
