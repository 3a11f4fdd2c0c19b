//! A checker of JSON documents for the keywords of JSON Schema 2020-12 that `docs/rules.schema.json`
//! uses. A keyword that it does not know is an error, so that none is overlooked.

use std::path::Path;

use regex_lite::Regex;
use serde_json::{Map, Value};

use super::json;

pub struct Schema {
    root: Value,
}

impl Schema {
    /// The schema of rule documents.
    pub fn of_rules() -> Schema {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.schema.json");
        Schema { root: json(&std::fs::read_to_string(path).unwrap()) }
    }

    pub fn accepts(&self, document: &Value) -> bool {
        self.passes(&self.root, document)
    }

    /// Whether a value passes a schema or a part of one.
    fn passes(&self, schema: &Value, value: &Value) -> bool {
        let keywords = schema.as_object().expect("a schema is an object");
        keywords.iter().all(|(keyword, argument)| match value {
            _ if matches!(&**keyword, "$schema" | "$defs" | "title" | "description") => true,
            _ if keyword == "$ref" => self.passes(self.target(argument), value),
            _ if keyword == "oneOf" => self.passing(argument, value) == 1,
            _ if keyword == "allOf" => self.passing(argument, value) == list(argument).len(),
            _ if keyword == "not" => !self.passes(argument, value),
            _ if keyword == "const" => value == argument,
            _ if keyword == "enum" => list(argument).contains(value),
            _ if keyword == "type" => is_of_type(argument, value),
            // The other keywords are about values of one type, and pass for others.
            Value::Object(members) => self.passes_for_object(keywords, keyword, argument, members),
            Value::Array(items) => self.passes_for_list(keyword, argument, items),
            Value::String(text) => passes_for_text(keyword, argument, text),
            Value::Number(_) => passes_for_number(keyword, argument, value),
            _ => is_known(keyword),
        })
    }

    fn target(&self, reference: &Value) -> &Value {
        let pointer = reference.as_str().unwrap().strip_prefix('#').expect("a place in this schema");
        self.root.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"))
    }

    fn passing(&self, schemas: &Value, value: &Value) -> usize {
        list(schemas).iter().filter(|schema| self.passes(schema, value)).count()
    }

    fn passes_for_object(
        &self,
        keywords: &Map<String, Value>,
        keyword: &str,
        argument: &Value,
        members: &Map<String, Value>,
    ) -> bool {
        let known = keywords.get("properties").and_then(Value::as_object);
        let is_known_member = |name: &String| known.is_some_and(|known| known.contains_key(name));
        match keyword {
            "properties" => {
                let schemas = argument.as_object().unwrap().iter();
                schemas
                    .filter_map(|(name, schema)| Some((schema, members.get(name)?)))
                    .all(|(schema, member)| self.passes(schema, member))
            }
            "additionalProperties" => {
                let mut others = members.iter().filter(|(name, _)| !is_known_member(name));
                others.all(|(_, member)| *argument != false && self.passes(argument, member))
            }
            "required" => list(argument).iter().all(|name| members.contains_key(name.as_str().unwrap())),
            "propertyNames" => members.keys().all(|name| self.passes(argument, &Value::from(name.as_str()))),
            "minProperties" => members.len() >= number(argument),
            "maxProperties" => members.len() <= number(argument),
            _ => is_known(keyword),
        }
    }

    fn passes_for_list(&self, keyword: &str, argument: &Value, items: &[Value]) -> bool {
        match keyword {
            "items" => items.iter().all(|item| self.passes(argument, item)),
            "minItems" => items.len() >= number(argument),
            "maxItems" => items.len() <= number(argument),
            "uniqueItems" => (1..items.len()).all(|index| !items[..index].contains(&items[index])),
            _ => is_known(keyword),
        }
    }
}

fn passes_for_text(keyword: &str, argument: &Value, text: &str) -> bool {
    match keyword {
        "minLength" => text.chars().count() >= number(argument),
        "maxLength" => text.chars().count() <= number(argument),
        "pattern" => {
            // In some languages `$` is also the place before a line break at the end.
            let pattern = Regex::new(argument.as_str().unwrap()).unwrap();
            pattern.is_match(text) || text.strip_suffix('\n').is_some_and(|text| pattern.is_match(text))
        }
        _ => is_known(keyword),
    }
}

fn passes_for_number(keyword: &str, argument: &Value, value: &Value) -> bool {
    match keyword {
        "minimum" => value.as_f64() >= argument.as_f64(),
        "maximum" => value.as_f64() <= argument.as_f64(),
        _ => is_known(keyword),
    }
}

/// True for the keywords that are about values of one type.
fn is_known(keyword: &str) -> bool {
    const KNOWN: [&str; 15] = [
        "properties",
        "additionalProperties",
        "required",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "items",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
    ];
    assert!(KNOWN.contains(&keyword), "the checker does not know the keyword {keyword}");
    true
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("the checker does not know the type {other}"),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap().try_into().unwrap()
}
