//! `cell list|get|set`: the raw cells.

use std::io::Read;
use std::path::Path;

use serde_json::Value as Json;
use serde_json::json as shape;

use super::args::{Cell as CellVerb, Value};
use super::output::{Failure, Output};
use crate::doc::{CellId, DocId, FindError, Found, Kind, PathCell, json};
use crate::workbench::Workbench;

pub fn run(verb: &CellVerb, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        CellVerb::List { file } => list(&doc_id(file)?, bench, out),
        CellVerb::Get { file, at } => get(&doc_id(file)?, &address(at)?, bench, out),
        CellVerb::Set { file, at, value, expect, dry } => {
            let (doc, cell) = (doc_id(file)?, address(at)?);
            let value = cell_value(&doc, read_value(value)?)?;
            let expect = expect.as_ref().map(|text| expected(&doc, &cell, text, bench));
            let request = match bench.cell_request(&doc, &cell, &value, expect.as_deref()) {
                Ok(request) => request,
                Err(outcome) => return super::report(outcome, out).map_err(|failure| failure.about(doc.as_str())),
            };
            super::carry_out(&request, &[], dry, bench, out)
        }
    }
}

fn list(doc: &DocId, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let document = bench.open_document(doc).map_err(|why| Failure::io(why).about(doc.as_str()))?;
    out.json(|| {
        shape!({
            "schema": "codex-tui/cells@1",
            "root": bench.view().root,
            "file": doc,
            "cells": document.cells().map(|(at, found)| cell_json(doc, &at, &found)).collect::<Vec<_>>(),
            "problems": document
                .problems()
                .iter()
                .map(|p| shape!({"rule": p.rule, "severity": p.severity, "line": p.line, "message": p.message}))
                .collect::<Vec<_>>(),
        })
    });
    if !out.is_json() {
        for (at, found) in document.cells() {
            let at = serde_json::to_string(&at).unwrap_or_default();
            let bare = Kind::of(doc) == Kind::Json && json::type_name(&found.value) != "string";
            let value = if bare { found.value.clone() } else { format!("{:?}", shown(doc, &found)) };
            out.text(&format!("{}: {at} = {value}", found.line));
        }
    }
    Ok(0)
}

fn get(doc: &DocId, at: &CellId, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let document = bench.open_document(doc).map_err(|why| Failure::io(why).about(doc.as_str()))?;
    let found = document.find(at).map_err(|error| find_failure(&error).about(doc.as_str()))?;
    out.json(|| {
        let mut shape = shape!({"schema": "codex-tui/cell@1", "root": bench.view().root, "file": doc});
        if let (Json::Object(shape), Json::Object(cell)) = (&mut shape, cell_json(doc, at, &found)) {
            shape.extend(cell);
        }
        shape
    });
    out.text(&shown(doc, &found));
    Ok(0)
}

fn cell_json(doc: &DocId, at: &CellId, found: &Found) -> Json {
    let mut cell =
        shape!({"at": at, "value": shown(doc, found), "line": found.line, "span": [found.span.start, found.span.end]});
    if let (Kind::Json, Json::Object(cell)) = (Kind::of(doc), &mut cell) {
        cell.insert("type".to_owned(), json::type_name(&found.value).into());
    }
    cell
}

/// A value as people read it: a JSON string is its text.
fn shown(doc: &DocId, found: &Found) -> String {
    if Kind::of(doc) == Kind::Json { json::shown(&found.value).into_owned() } else { found.value.clone() }
}

fn find_failure(error: &FindError) -> Failure {
    match error {
        FindError::NoMatch(_) | FindError::Refused(_) => Failure::usage(error.to_string()),
        FindError::NotEditable(_) => Failure::document(error.to_string()),
    }
}

fn doc_id(file: &str) -> Result<DocId, Failure> {
    DocId::new(file).map_err(|error| Failure::usage(error.to_string()))
}

fn address(text: &str) -> Result<CellId, Failure> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(CellId::Path(PathCell::Pointer(text.to_owned())));
    }
    serde_json::from_str(text).map_err(|_| {
        Failure::usage(format!(
            "{text:?} is no address of a cell; `cell list FILE` prints those that are, for example \
             {{\"id_column\":\"ID\",\"id\":\"HB-A-001\",\"column\":\"Notes\"}}, \
             [\"areas\",{{\"id\":\"login\"}},\"status\"] or \"/active_task\""
        ))
    })
}

/// What the operator gave.
enum Given {
    Text(String),
    /// JSON as it was typed.
    Json(String),
}

/// The value for a cell of this document. Only JSON knows more than text.
fn cell_value(doc: &DocId, given: Given) -> Result<String, Failure> {
    let is_json = Kind::of(doc) == Kind::Json;
    let typed = match given {
        Given::Text(text) if is_json => return Ok(json::string_value(&text).into_owned()),
        Given::Text(text) => return Ok(text),
        Given::Json(typed) => typed,
    };
    match serde_json::from_str(&typed) {
        Ok(Json::String(text)) if is_json => Ok(json::string_value(&text).into_owned()),
        Ok(Json::Bool(_) | Json::Number(_) | Json::Null) if is_json => Ok(typed.trim().to_owned()),
        Ok(Json::String(text)) => Ok(text),
        Ok(Json::Bool(on)) => Ok(on.to_string()),
        Ok(Json::Number(_)) => Ok(typed.trim().to_owned()),
        Ok(Json::Null) => {
            Err(Failure::usage(format!("cells of {doc} hold text: give a JSON string, number, true or false")))
        }
        Ok(Json::Array(_) | Json::Object(_)) => Err(Failure::usage(
            "a cell holds a single value: give a JSON string, number, true or false, or null in a JSON document"
                .to_owned(),
        )),
        Err(error) => Err(Failure::usage(format!("--value-json is not JSON: {error}"))),
    }
}

/// What the operator expects, as the cell would say it: the same word for a JSON string and another value.
fn expected(doc: &DocId, cell: &CellId, text: &str, bench: &Workbench) -> String {
    let found = bench.open_document(doc).ok().and_then(|document| document.find(cell).ok());
    found.filter(|found| shown(doc, found) == text).map_or_else(|| text.to_owned(), |found| found.value)
}

fn read_value(value: &Value) -> Result<Given, Failure> {
    if let Some(text) = &value.value {
        return Ok(Given::Text(text.clone()));
    }
    if let Some(text) = &value.value_json {
        return Ok(Given::Json(text.clone()));
    }
    let Some(path) = &value.value_file else { return Ok(Given::Text(String::new())) };
    read_file(path).map(Given::Text)
}

/// The content of a file; `-` is standard input.
pub(super) fn read_file(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::io(format!("{}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{}: the value is not UTF-8", path.display())))
}
