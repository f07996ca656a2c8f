//! The few fields by which a file is known, from the beginning of its JSON; the rest may be cut off.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Value};

use crate::model::track::telemetry::Status;

/// What the beginning of a file says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub component: Option<String>,
    pub timestamp: Option<String>,
    pub run_id: Option<String>,
    pub status: Option<Status>,
}

/// Reads it; the line and the reason when what is there is no JSON.
pub(super) fn told(bytes: &[u8], is_whole: bool) -> Result<Told, (usize, String)> {
    let mut told = Told::default();
    let mut json = Deserializer::from_slice(super::text_of(bytes));
    let read = Top(&mut told).deserialize(&mut json).and_then(|()| json.end());
    match read {
        Err(error) if is_whole || !error.is_eof() => Err((error.line().max(1), why(&error))),
        Ok(()) | Err(_) => Ok(told),
    }
}

/// Why the parser gave up, without the place, which stands beside it.
pub(super) fn why(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    match error.is_eof() {
        true => format!("is cut off: {what}"),
        false => format!("is not JSON: {what}"),
    }
}

struct Top<'a>(&'a mut Told);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "component" => self.0.component = word(map.next_value()?),
                "timestamp" => self.0.timestamp = word(map.next_value()?),
                "generated_at" if self.0.timestamp.is_none() => self.0.timestamp = word(map.next_value()?),
                "run_id" => self.0.run_id = word(map.next_value()?),
                "status" => self.0.status = serde_json::from_value(map.next_value()?).ok(),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

fn word(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
