//! What is wrong with the records of older tools, put right: shell scripts that print an empty list as `[""]`, a boolean as a
//! string, a number as a string, and end an array with `{}`. Our own form is left as it stands.

use serde_json::{Map, Value};

use super::Head;
use crate::model::track::telemetry::{Component, moment};

/// The records of a file that holds several: an array of objects that each name their component, or an object with one key for
/// each. The value itself when it is a single record.
pub(super) fn parts(value: Value) -> Result<Vec<(Option<Component>, Value)>, Value> {
    let names = |item: &Value| item.get("component").is_some_and(Value::is_string);
    match value {
        Value::Array(items) if items.iter().any(names) => {
            Ok(items.into_iter().filter(names).map(|item| (None, item)).collect())
        }
        Value::Object(fields) if !fields.contains_key("component") && fields.iter().any(is_part) => {
            let parts = fields.into_iter().filter(|(key, value)| is_part((key, value)));
            Ok(parts.map(|(key, value)| (Component::of_alias(&key), value)).collect())
        }
        single => Err(single),
    }
}

fn is_part((key, value): (&String, &Value)) -> bool {
    Component::of_alias(key).is_some() && value.is_object()
}

/// The record as an object with `component` and, where it is known, `timestamp`.
pub(super) fn mended(head: &Head, value: Value) -> Map<String, Value> {
    let fields = match value {
        Value::Object(fields) if fields.contains_key("schema") => return fields,
        Value::Object(fields) => fields,
        items => Map::from_iter([("items".to_owned(), items)]),
    };
    let mut record = Map::new();
    record.insert("component".to_owned(), head.component.name().into());
    if let Some(time) = head.time {
        record.insert("timestamp".to_owned(), moment(time).into());
    }
    let rest = fields.into_iter().filter(|(key, _)| key != "component" && (key != "timestamp" || head.time.is_none()));
    record.extend(rest.map(|(key, value)| {
        let value = clean(&key, value);
        (key, value)
    }));
    record
}

fn clean(key: &str, value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let empty = |item: &Value| item.as_str() == Some("") || item.as_object().is_some_and(Map::is_empty);
            Value::Array(items.into_iter().filter(|item| !empty(item)).map(|item| clean(key, item)).collect())
        }
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| {
                    let value = clean(&key, value);
                    (key, value)
                })
                .collect(),
        ),
        Value::String(text) => match (key, text.as_str()) {
            ("exists" | "config_error" | "dashboard_exists" | "telemetry_exists", "true") => Value::Bool(true),
            ("exists" | "config_error" | "dashboard_exists" | "telemetry_exists", "false") => Value::Bool(false),
            ("number" | "issue", digits) => digits.parse::<u64>().map_or(Value::String(text), Value::from),
            _ => Value::String(text),
        },
        other => other,
    }
}
