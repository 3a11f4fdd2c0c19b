//! Documents: one limit, or a set of limits.

use super::node::{Node, Object, check_name};
use super::place::{Place, Read};
use super::read::{Room, rules};
use super::text::{Value, parse};
use super::words::VERSION;
use crate::bounds::{MAX_ALSO_RECORDED, MAX_RULE_DOCUMENT_BYTES};
use crate::error::Error;
use crate::limit::{Limit, LimitSet};

/// The limit of a document.
pub(super) fn read_limit(text: &str) -> Read<Limit> {
    let value = value(text)?;
    let node = Node { value: &value, place: Place::Document };
    let document = document(&node)?;
    document.only(&["version", "all", "also_record", "$schema"])?;
    limit(document)
}

/// The limits of a document.
pub(super) fn read_set(text: &str) -> Read<LimitSet> {
    let value = value(text)?;
    let node = Node { value: &value, place: Place::Document };
    let document = document(&node)?;
    document.only(&["version", "limits", "$schema"])?;
    let limits = document.required("limits")?;
    let mut set = LimitSet::default();
    for (name, node) in limits.object("an object of limits")?.members() {
        check_limit_name(name, &node.place)?;
        let members = node.object("a limit as an object")?;
        members.only(&["all", "also_record"])?;
        set.insert(name.to_owned(), limit(members)?);
    }
    Ok(set)
}

/// Checks the name of a limit.
pub(super) fn check_limit_name(name: &str, place: &Place<'_>) -> Read<()> {
    if name.is_empty() {
        return Err(place.fault("the name of a limit must not be empty"));
    }
    check_name(name, place)
}

/// Checks the length of a document.
pub(super) fn check_length(text: &str) -> Read<()> {
    if text.len() <= MAX_RULE_DOCUMENT_BYTES {
        return Ok(());
    }
    let what = format!("a rule document has {} bytes, and may have at most 1 MiB; divide it", text.len());
    Err(Box::new(Error::TooLarge { what, event: None }))
}

fn value(text: &str) -> Read<Value<'_>> {
    check_length(text)?;
    parse(text).map_err(|fault| Place::Document.fault(fault))
}

/// The members of a document. Its version is checked before anything else that it says.
fn document<'a>(node: &'a Node<'_>) -> Read<Object<'a>> {
    let document = node.object("an object")?;
    let found = document.required("version")?.integer(1)?;
    if found > VERSION {
        let (what, supported) = ("the rule document", VERSION);
        return Err(Box::new(Error::Incompatible { what, found, supported, event: None }));
    }
    // An editor finds the schema by this member.
    if let Some(schema) = document.optional("$schema")
        && schema.text().is_none()
    {
        return Err(schema.expected("the address of a schema"));
    }
    Ok(document)
}

fn limit(members: Object<'_>) -> Read<Limit> {
    let mut limit = Limit::new();
    for rule in rules(&members.required("all")?, &mut Room::new())? {
        limit.push_constraint(rule);
    }
    if let Some(also) = members.optional("also_record") {
        for event in also_recorded(&also)? {
            limit.push_also(&event);
        }
    }
    limit.check().map_err(|error| members.place.fault(error.to_string()))?;
    Ok(limit)
}

/// The events to also record. None of them stands there twice.
fn also_recorded(list: &Node<'_>) -> Read<Vec<String>> {
    let mut events = Vec::new();
    for node in list.list("a list of event names")? {
        let event = node.event()?;
        if events.contains(&event) {
            return Err(node.fault("the list names this event more than once"));
        }
        if events.len() == MAX_ALSO_RECORDED {
            return Err(node.fault("expected at most 8 events"));
        }
        events.push(event);
    }
    Ok(events)
}
