//! Limits as JSON: read from a server or a file, and written. `docs/rules.md` describes the form.
//!
//! The parser is written by hand, so that the phone builds need no other one and every error names
//! its place.

mod duration;
mod read;
mod value;
mod write;

use std::collections::BTreeMap;

use self::read::Place;
use self::value::Value;
use super::rules::Limit;
use crate::bounds::MAX_RULES_JSON_BYTES;
use crate::error::{Error, Result};

/// The version of the form.
const VERSION: u32 = 1;

impl Limit {
    /// Reads a limit that `to_json` or a server wrote.
    ///
    /// ```
    /// use chrono::Duration;
    /// use tiny_counter::Limit;
    ///
    /// let text = r#"{
    ///     "version": 1,
    ///     "all": [
    ///         { "at_most": 1, "event": "review_prompt", "within": "P7D" },
    ///         { "at_least": 3, "event": "launch", "within": { "days": 28 } }
    ///     ]
    /// }"#;
    /// let limit = Limit::new()
    ///     .at_most("review_prompt", 1, Duration::days(7))
    ///     .at_least("launch", 3, (28, tiny_counter::TimeUnit::Days));
    /// assert_eq!(Limit::from_json(text).unwrap(), limit);
    ///
    /// let error = Limit::from_json(&text.replace("P7D", "P1M")).unwrap_err();
    /// assert!(error.to_string().starts_with("/all/0/within: "));
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for text that is not JSON, for more than 1 MiB, and for an unknown
    /// version, rule or word; for numbers out of bounds; for what `Limiter::check` refuses. The
    /// error names the place in the text and what was expected there.
    pub fn from_json(text: &str) -> Result<Limit> {
        read::versioned(&parse(text)?, &["all", "also_record"], |object| read::limit(object, &Place::root()))
    }

    /// Reads a set of named limits: an object with the `version` and with `limits`, an object that
    /// has a limit for each name. If one of them is wrong, none is returned.
    ///
    /// # Errors
    /// As `from_json`.
    pub fn set_from_json(text: &str) -> Result<BTreeMap<String, Limit>> {
        read::versioned(&parse(text)?, &["limits"], read::limits)
    }

    /// Writes the limit so that `from_json` reads an equal one.
    ///
    /// # Errors
    /// `InvalidArgument` for a schedule that is a function of the app, and for a limit that
    /// `Limiter::check` refuses.
    pub fn to_json(&self) -> Result<String> {
        self.check()?;
        write::limit(self)
    }
}

fn parse(text: &str) -> Result<Value> {
    if text.len() > MAX_RULES_JSON_BYTES {
        return Err(Error::InvalidArgument("rules as JSON may have at most 1 MiB".into()));
    }
    Value::parse(text)
}
