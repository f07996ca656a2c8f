//! The log of network operations: `Logs/NetOps/<date>.json`, an array with one object for each command that needed L3
//! (seed `autonomy-plan.md`, Guardrails; the keys are those of the workspaces' own template of such a log).

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::Serialize;

use super::SessionLog;
use super::record::{End, RunRecord};
use crate::doc::cell::{End as At, PathCell};
use crate::doc::{Addition, DocId, Document};
use crate::model::cite;
use crate::model::task::edit::Refused;
use crate::op::{Change, Edit};

/// What is written besides the record of the command itself.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The session.
    pub log: &'a SessionLog,
    /// The variables that opted in, with their values.
    pub opted: &'a BTreeMap<String, String>,
    /// The folder of these logs.
    pub folder: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    timestamp: String,
    session_id: &'a str,
    task_board_ids: &'a [String],
    plan_references: Vec<String>,
    action: &'a str,
    arguments: Arguments<'a>,
    environment: &'a BTreeMap<String, String>,
    result: Outcome<'a>,
    notes: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Arguments<'a> {
    command: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Outcome<'a> {
    status: &'a str,
    exit_code: Option<i32>,
    duration_ms: u128,
    output_path: Option<&'a DocId>,
}

/// The document for the operations of that day.
pub fn document(folder: &str, at: NaiveDateTime) -> Result<DocId, Refused> {
    let path = format!("{folder}/{}.json", at.format("%Y-%m-%d"));
    DocId::new(&path).map_err(|error| Refused(format!("codex-tui.toml: [commands] net_ops: {error}")))
}

/// Whether an operation can be added to the log as it stands.
///
/// # Errors
/// It is no array of JSON.
pub fn is_array(there: &Document) -> Result<(), Refused> {
    let root = there.tree().and_then(|tree| tree.root());
    if there.locked().is_none() && root.is_some_and(|root| root.shape().is_seq()) {
        return Ok(());
    }
    let why = there.locked().unwrap_or("it holds something else");
    Err(Refused(format!("{}: {why}; the network log has to be an array of JSON: mend it or move it away", there.id())))
}

/// What records a command in the log of that day; `there` is the log as it stands.
///
/// # Errors
/// A log that is there and is no array of JSON: nothing is written into it.
pub fn recorded(record: &RunRecord, around: Circumstances<'_>, there: Option<&Document>) -> Result<Edit, Refused> {
    let doc = document(around.folder, record.at)?;
    let mut plans: Vec<String> = Vec::new();
    for id in &around.log.tasks {
        let plan = cite::plan_of_id(id).map(|letters| format!("Plan {letters}"));
        plans.extend(plan.filter(|plan| !plans.contains(plan)));
    }
    let entry = Entry {
        timestamp: record.at.format("%Y-%m-%dT%H:%M:%S").to_string(),
        session_id: &around.log.name,
        task_board_ids: &around.log.tasks,
        plan_references: plans,
        action: "session run",
        arguments: Arguments { command: &record.line },
        environment: around.opted,
        result: Outcome {
            status: if record.end.is_good() { "Success" } else { "Failure" },
            exit_code: match record.end {
                End::Exit(code) => Some(code),
                End::Cancelled | End::TimeLimit | End::Signal(_) | End::NotStarted(_) | End::Lost(_) => None,
            },
            duration_ms: record.duration.as_millis(),
            output_path: record.output.as_ref(),
        },
        notes: format!("{} ({})", record.end.said(record.duration), around.log.doc),
    };
    let text = |value: Result<String, serde_json::Error>| value.map_err(|error| Refused(format!("{doc}: {error}")));
    let addition = match there {
        None => Addition::Document { text: format!("{}\n", text(serde_json::to_string_pretty(&[entry]))?) },
        Some(there) => {
            is_array(there)?;
            Addition::Item { at: PathCell::Steps(Vec::new()), text: text(serde_json::to_string(&entry))?, end: At::End }
        }
    };
    Ok(Edit { doc, change: Change::Add { addition, gap: None } })
}
