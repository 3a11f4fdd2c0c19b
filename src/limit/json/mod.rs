//! Limits as JSON, so that a server can send them. `docs/rules.md` describes the form.

mod document;
mod duration;
mod node;
mod place;
mod read;
mod set;
mod text;
mod words;
mod write;

pub use set::LimitSet;

use super::Limit;
use crate::error::Result;

impl Limit {
    /// A limit from its JSON form, which `docs/rules.md` describes and `docs/rules.schema.json`
    /// defines. What is unknown or wrong is an error; nothing is skipped.
    ///
    /// Whether the windows fit the tracked units of a store is checked by the calls that use the
    /// limit.
    ///
    /// # Errors
    /// `InvalidRules` with the place of what is wrong; `Incompatible` for a newer version of the
    /// form; `TooLarge` for more than 1 MiB.
    ///
    /// ```
    /// use tiny_counter::{EventStore, Limit};
    ///
    /// let text = r#"{"version": 1, "all": [
    ///     {"at_most": 1, "of": "prompt", "within": "P7D"},
    ///     {"at_least": 3, "of": "launch", "within": "ever"}
    /// ]}"#;
    /// let store = EventStore::new();
    /// let prompt = store.prepare(Limit::from_json(text).unwrap()).unwrap();
    /// assert!(!prompt.allowed("prompt"));
    ///
    /// let wrong = text.replace("P7D", "a week");
    /// let error = Limit::from_json(&wrong).unwrap_err().to_string();
    /// assert!(error.starts_with("/all/0/within: expected a duration"), "{error}");
    /// ```
    pub fn from_json(text: &str) -> Result<Limit> {
        document::read_limit(text).map_err(|error| *error)
    }

    /// The JSON form of the limit. `from_json` makes an equal limit of it. Equal limits have the
    /// same form.
    ///
    /// # Errors
    /// `InvalidRules` with the place of what has no such form: a schedule that is a function of the
    /// app, a duration of more than 10,000 years, a calendar count above 4,294,967,295, a name of
    /// more than 1,024 bytes; and for rules that no limit accepts.
    pub fn to_json(&self) -> Result<String> {
        write::document(self).map_err(|error| *error)
    }
}
