//! Damaged rows of the documents that carry tasks, with the task that they damage; and session logs that name tasks which
//! stand nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::check::Check;
use super::matrix::{Matrix, Place};
use crate::doc::{DocId, Severity};
use crate::model::finding::Finding;
use crate::model::task::{CARRIERS, TaskList};

/// The rules of documents that are about the shape of a row.
const ROWS: [&str; 4] = ["md-ragged-row", "csv-field-count", "csv-glued-record", "csv-malformed-field"];

impl Check<'_> {
    /// Rows with too few or too many cells, glued rows, malformed fields.
    pub(super) fn damaged_rows(&mut self) {
        let (workspace, snapshot) = (self.input.workspace, self.input.snapshot);
        let docs = CARRIERS.into_iter().flat_map(|role| workspace.with_role(role)).filter_map(|id| snapshot.get(id));
        let mut found = Vec::new();
        for doc in docs {
            let problems = doc.problems().iter().filter(|problem| ROWS.contains(&problem.rule));
            found.extend(problems.map(|problem| Finding::damage(doc, problem)));
        }
        name_tasks(&mut found, self.input.tasks);
        for finding in found {
            self.add(finding.rule, finding.severity, |_| finding);
        }
    }

    /// Ids on the card line of a session log that stand in no document.
    pub(super) fn unknown_cards(&mut self, matrix: &Matrix) {
        let on_cards: BTreeSet<&str> =
            self.input.sessions.iter().flat_map(|log| log.tasks.iter().map(String::as_str)).collect();
        let mut unknown = on_cards.clone();
        for row in matrix.iter().filter(|row| on_cards.contains(row.id())) {
            if Place::ALL.into_iter().any(|place| place != Place::Session && row.stands(place)) {
                unknown.remove(row.id());
            }
        }
        for log in self.input.sessions {
            for id in log.tasks.iter().filter(|id| unknown.contains(id.as_str())) {
                self.add("sync-session-unknown", Severity::Warning, |_| {
                    let message = format!(
                        "the card of this session names {id}, which stands on no board, in no plan and not in the backlog"
                    );
                    Finding::new("", Severity::Note, message)
                        .at(log.doc.as_str(), log.card_line.unwrap_or(1))
                        .about(id)
                        .advise("correct the id on the card, or add the task")
                });
            }
        }
    }
}

/// Gives findings at rows of tasks the id of the task.
pub fn name_tasks(findings: &mut [Finding], tasks: &TaskList) {
    let mut wanted: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let nameless = findings.iter().filter(|finding| finding.id.is_none() && ROWS.contains(&finding.rule));
    let places: Vec<(String, usize)> = nameless.filter_map(|f| Some((f.file.clone()?, f.line?))).collect();
    for (file, line) in &places {
        wanted.entry(file).or_default().insert(*line);
    }
    if wanted.is_empty() {
        return;
    }
    let mut ids: BTreeMap<(DocId, usize), String> = BTreeMap::new();
    let rows = tasks.iter().flat_map(|task| task.rows()).chain(tasks.delivered());
    for row in rows {
        if wanted.get(row.doc().as_str()).is_some_and(|lines| lines.contains(&row.line())) {
            ids.insert((row.doc().clone(), row.line()), row.id().unwrap_or_default().into_owned());
        }
    }
    for finding in findings.iter_mut().filter(|finding| finding.id.is_none() && ROWS.contains(&finding.rule)) {
        let doc = finding.file.as_deref().and_then(|file| DocId::new(file).ok());
        finding.id = doc.zip(finding.line).and_then(|place| ids.get(&place).cloned());
    }
}
