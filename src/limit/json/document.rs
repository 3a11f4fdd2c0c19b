//! Documents: one limit, or a set of limits.

use super::node::{Node, Object, check_name};
use super::place::Place;
use super::read::{Room, rules};
use super::text::{Value, parse};
use super::words::VERSION;
use crate::bounds::{MAX_ALSO_RECORDED, MAX_LIMITS, MAX_RULE_DOCUMENT_BYTES};
use crate::error::{Error, Result};
use crate::limit::Limit;

/// The limit of a document.
pub(super) fn read_limit(text: &str) -> Result<Limit> {
    read(text, |document| {
        document.only(&["version", "all", "also_record", "$schema"])?;
        limit(document)
    })
}

/// The limits of a document, in their order.
pub(super) fn read_set(text: &str) -> Result<Vec<(String, Limit)>> {
    read(text, |document| {
        document.only(&["version", "limits", "$schema"])?;
        document.required("limits", |limits| {
            let limits = limits.object("an object of limits")?;
            if limits.members.len() > MAX_LIMITS {
                return Err(limits.place.fault("expected at most 1,024 limits"));
            }
            limits.members.iter().map(|(name, value)| named(limits, name, value)).collect()
        })
    })
}

fn named(limits: Object<'_>, name: &str, value: &Value<'_>) -> Result<(String, Limit)> {
    let place = limits.place.member(name);
    check_limit_name(name, &place)?;
    let members = Node { value, place: &place }.object("a limit as an object")?;
    members.only(&["all", "also_record"])?;
    Ok((name.to_owned(), limit(members)?))
}

/// Checks the name of a limit.
pub(super) fn check_limit_name(name: &str, place: &Place<'_>) -> Result<()> {
    if name.is_empty() {
        Err(place.fault("the name of a limit must not be empty"))
    } else {
        check_name(name, place)
    }
}

/// Checks the length of a document.
pub(super) fn check_length(text: &str) -> Result<()> {
    if text.len() <= MAX_RULE_DOCUMENT_BYTES {
        return Ok(());
    }
    let what = format!("a rule document has {} bytes, and may have at most 1 MiB; divide it", text.len());
    Err(Error::TooLarge { what, event: None })
}

/// Reads a document. Its version is checked before anything else that it says.
fn read<T>(text: &str, then: impl FnOnce(Object<'_>) -> Result<T>) -> Result<T> {
    check_length(text)?;
    let place = Place::Document;
    let value = parse(text).map_err(|fault| place.fault(fault))?;
    let document = Node { value: &value, place: &place }.object("an object")?;
    let version = document.required("version", |version| version.integer(1))?;
    if version > VERSION {
        let (what, supported) = ("the rule document", VERSION);
        return Err(Error::Incompatible { what, found: version, supported, event: None });
    }
    // The member names the schema for an editor.
    document.optional("$schema", |schema| schema.text("the address of a schema", |_| Some(())))?;
    then(document)
}

fn limit(members: Object<'_>) -> Result<Limit> {
    let mut room = Room::new();
    let constraints = members.required("all", |all| rules(all, &mut room))?;
    let also = members.optional("also_record", also_recorded)?.unwrap_or_default();
    let limit = constraints.into_iter().fold(Limit::new(), Limit::constraint);
    let limit = also.into_iter().fold(limit, Limit::also_record);
    limit.check().map_err(|error| members.place.fault(error.to_string()))?;
    Ok(limit)
}

/// The events to also record. None of them stands there twice.
fn also_recorded(list: Node<'_>) -> Result<Vec<String>> {
    let mut events: Vec<String> = Vec::new();
    list.list("a list of event names", |node| {
        let event = node.event()?;
        if events.contains(&event) {
            return Err(node.place.fault("the list names this event more than once"));
        }
        if events.len() == MAX_ALSO_RECORDED {
            return Err(node.place.fault("expected at most 8 events"));
        }
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}
