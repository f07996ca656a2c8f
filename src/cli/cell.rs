//! `cell list|get|set`: the raw cells.

use std::io::Read;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::args::{Cell as CellVerb, Value};
use super::output::{Failure, Output};
use crate::doc::{CellId, DocId, FindError, Found};
use crate::workbench::Workbench;

pub fn run(verb: &CellVerb, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        CellVerb::List { file } => list(&doc_id(file)?, bench, out),
        CellVerb::Get { file, at } => get(&doc_id(file)?, &address(at)?, bench, out),
        CellVerb::Set { file, at, value, expect, dry } => {
            let (doc, cell, value) = (doc_id(file)?, address(at)?, read_value(value)?);
            let request = match bench.cell_request(&doc, &cell, &value, expect.as_deref()) {
                Ok(request) => request,
                Err(outcome) => return super::report(outcome, out).map_err(|failure| failure.about(doc.as_str())),
            };
            if dry.dry_run {
                return super::history::dry_run(&request, bench, out);
            }
            super::report(bench.run(&request, &super::actor("cli")), out)
        }
    }
}

fn list(doc: &DocId, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let document = bench.open_document(doc).map_err(|why| Failure::io(why).about(doc.as_str()))?;
    out.json(|| {
        json!({
            "schema": "codex-tui/cells@1",
            "root": bench.view().root,
            "file": doc,
            "cells": document.cells().map(|(at, found)| cell_json(&at, &found)).collect::<Vec<_>>(),
            "problems": document
                .problems()
                .iter()
                .map(|p| json!({"rule": p.rule, "severity": p.severity, "line": p.line, "message": p.message}))
                .collect::<Vec<_>>(),
        })
    });
    if !out.is_json() {
        for (at, found) in document.cells() {
            let at = serde_json::to_string(&at).unwrap_or_default();
            out.text(&format!("{}: {at} = {:?}", found.line, found.value));
        }
    }
    Ok(0)
}

fn get(doc: &DocId, at: &CellId, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let document = bench.open_document(doc).map_err(|why| Failure::io(why).about(doc.as_str()))?;
    let found = document.find(at).map_err(|error| find_failure(&error).about(doc.as_str()))?;
    out.json(|| {
        let mut shape = json!({"schema": "codex-tui/cell@1", "root": bench.view().root, "file": doc});
        if let (Json::Object(shape), Json::Object(cell)) = (&mut shape, cell_json(at, &found)) {
            shape.extend(cell);
        }
        shape
    });
    out.text(&found.value);
    Ok(0)
}

fn cell_json(at: &CellId, found: &Found) -> Json {
    json!({"at": at, "value": found.value, "line": found.line, "span": [found.span.start, found.span.end]})
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
    serde_json::from_str(text).map_err(|_| {
        Failure::usage(format!(
            "{text:?} is no address of a Markdown or CSV cell; `cell list FILE` prints those that are, for example \
             {{\"id_column\":\"ID\",\"id\":\"HB-A-001\",\"column\":\"Notes\"}}"
        ))
    })
}

fn read_value(value: &Value) -> Result<String, Failure> {
    if let Some(text) = &value.value {
        return Ok(text.clone());
    }
    if let Some(text) = &value.value_json {
        return match serde_json::from_str(text) {
            Ok(Json::String(text)) => Ok(text),
            Ok(Json::Bool(on)) => Ok(on.to_string()),
            Ok(Json::Number(number)) => Ok(number.to_string()),
            Ok(Json::Null | Json::Array(_) | Json::Object(_)) => Err(Failure::usage(
                "cells of Markdown and CSV hold text: give a JSON string, number, true or false".to_owned(),
            )),
            Err(error) => Err(Failure::usage(format!("--value-json is not JSON: {error}"))),
        };
    }
    let Some(path) = &value.value_file else { return Ok(String::new()) };
    read_file(path)
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
