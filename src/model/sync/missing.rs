//! What lacks a row: "each entry must also exist on the task board/CSV and in the relevant plan file".

use super::check::{Check, VERB, place, told};
use crate::doc::{DocId, Severity};
use crate::model::finding::Finding;
use crate::model::task::draft::missing_row;
use crate::model::task::{Kind, Task, TaskRow, TaskTable};
use crate::op::{Edit, Intent, Operation};

impl<'a> Check<'a> {
    /// Rows that a task lacks. `delivered` says whether a plan lists it as delivered.
    pub(super) fn missing(&mut self, task: Task<'a>, delivered: bool) {
        let Some(first) = task.rows().next() else { return };
        let stands = |kind: Kind| task.rows().any(|row| row.kind() == kind);
        let (csv, board, backlog, plan) =
            (stands(Kind::Csv), stands(Kind::Board), stands(Kind::Backlog), stands(Kind::Plan));
        // A backlog in YAML is a board of its own.
        if task.rows().all(|row| row.kind() == Kind::Todo) {
            return;
        }
        if !csv && !board && !backlog {
            if self.table(Kind::Csv).is_some() || self.table(Kind::Board).is_some() {
                self.add("sync-plan-only", Severity::Note, |check| check.plan_only(task, first));
            }
            return;
        }
        let why =
            if backlog { "; each entry of the backlog must stand on the task board, CSV and Markdown" } else { "" };
        if let Some(table) = self.table(Kind::Csv).filter(|_| !csv) {
            self.add("sync-missing-csv", Severity::Warning, |check| {
                let id = task.id();
                let message =
                    format!("{id} is not in {}, so whoever takes work from the CSV never sees it{why}", table.doc());
                check.lacking(task, first, table, message)
            });
        }
        if let Some(table) = self.table(Kind::Board).filter(|_| !board) {
            self.add("sync-missing-board", Severity::Warning, |check| {
                let id = task.id();
                let message = format!("{id} is not in {}, so people who read the board never see it{why}", table.doc());
                check.lacking(task, first, table, message)
            });
        }
        if !plan && !self.input.plans.is_empty() {
            let severity = if delivered { Severity::Note } else { Severity::Warning };
            self.add("sync-missing-plan", severity, |check| check.no_plan(task, first, delivered));
        }
    }

    /// The table of that kind into which new rows go.
    fn table(&self, kind: Kind) -> Option<TaskTable<'a>> {
        self.tables.iter().copied().find(|table| table.kind() == kind)
    }

    /// The file of the task's plan, the one with a table of active work before others.
    fn plan_doc(&self, task: Task<'_>) -> Option<&'a DocId> {
        let letters = task.plan()?;
        let of_plan = || self.input.plans.iter().filter(|plan| plan.letters == letters);
        let with_table = of_plan().find(|plan| self.active(&plan.doc).is_some());
        with_table.or_else(|| of_plan().next()).map(|plan| &plan.doc)
    }

    fn active(&self, doc: &DocId) -> Option<TaskTable<'a>> {
        self.tables.iter().copied().find(|table| table.kind() == Kind::Plan && table.doc() == doc)
    }

    fn lacking(&self, task: Task<'a>, first: TaskRow<'a>, table: TaskTable<'a>, message: String) -> Finding {
        if let Some(line) = self.hidden_in(table.doc(), &task.id()) {
            return told(&task.id(), first, message).advise(format!(
                "it seems to be part of the damaged row at {}:{line}; repair that row, do not add another one",
                table.doc()
            ));
        }
        let edit = missing_row(task, table, self.plan_doc(task));
        told(&task.id(), first, message)
            .advise(format!("add its row to {}", table.doc()))
            .mended_by(edit.and_then(|edit| adding(task, vec![edit])))
    }

    /// The line of a damaged row that names the id: a row that was glued to it, most likely.
    fn hidden_in(&self, doc: &DocId, id: &str) -> Option<usize> {
        let document = self.input.snapshot.get(doc)?;
        let damaged = document.problems().iter().filter(|problem| problem.severity == Severity::Error);
        let names = |line: usize| {
            let text = document.bytes().split(|b| *b == b'\n').nth(line.saturating_sub(1)).unwrap_or_default();
            memchr::memmem::find(text, id.as_bytes()).is_some()
        };
        damaged.map(|problem| problem.line).find(|line| names(*line))
    }

    fn no_plan(&self, task: Task<'a>, first: TaskRow<'a>, delivered: bool) -> Finding {
        let id = task.id();
        let doc = self.plan_doc(task);
        if delivered {
            let message = format!("{id} stands on the board, but only among the delivered work of its plan");
            return told(&id, first, message).advise("nothing, if the plan moves what is done there");
        }
        let message = match doc {
            Some(doc) => {
                format!("{id} is in no plan's table of active work, so {doc} does not say that it is part of it")
            }
            None => format!("{id} is in no plan's table of active work, and no file of its plan was found"),
        };
        let table = doc.and_then(|doc| self.active(doc));
        let advice = match (doc, table) {
            (Some(doc), Some(_)) => format!("add its row to the active work of {doc}"),
            (Some(doc), None) => format!("{doc} has no table of active work; add one with its row"),
            (None, _) => "add the task to the plan that it belongs to".to_owned(),
        };
        let edit = table.and_then(|table| missing_row(task, table, doc));
        told(&id, first, message).advise(advice).mended_by(edit.and_then(|edit| adding(task, vec![edit])))
    }

    fn plan_only(&self, task: Task<'a>, first: TaskRow<'a>) -> Finding {
        let id = task.id();
        let tables: Vec<TaskTable<'a>> =
            [Kind::Csv, Kind::Board].into_iter().filter_map(|kind| self.table(kind)).collect();
        let edits: Option<Vec<Edit>> =
            tables.iter().map(|table| missing_row(task, *table, Some(first.doc()))).collect();
        let names: Vec<String> = tables.iter().map(|table| table.doc().to_string()).collect();
        let names = names.join(" and ");
        told(&id, first, format!("{id} stands in its plan alone, so nobody takes it from the board"))
            .advise(format!("add its row to {names} when it is to be worked on"))
            .mended_by(edits.and_then(|edits| adding(task, edits)))
    }

    /// Ids that stand twice in one document, or in the active work of two plans.
    pub(super) fn repeated(&mut self, task: Task<'a>) {
        for (row, first) in repeated_rows(task) {
            self.add("sync-repeated-id", Severity::Warning, |_| repeated(task, row, first));
        }
    }
}

/// Rows of an id that stood somewhere else before, with that row: in the same document, or in another plan.
fn repeated_rows<'a>(task: Task<'a>) -> Vec<(TaskRow<'a>, TaskRow<'a>)> {
    if task.rows().len() < 2 {
        return Vec::new();
    }
    let rows: Vec<TaskRow<'a>> = task.rows().collect();
    let twice =
        |a: &TaskRow<'a>, b: &TaskRow<'a>| a.kind() == b.kind() && (a.doc() == b.doc() || a.kind() == Kind::Plan);
    let first = |at: usize| rows[..at].iter().find(|earlier| twice(earlier, &rows[at])).copied();
    (1..rows.len()).filter_map(|at| Some((rows[at], first(at)?))).collect()
}

fn repeated(task: Task<'_>, row: TaskRow<'_>, first: TaskRow<'_>) -> Finding {
    let id = task.id();
    let message = if row.doc() == first.doc() {
        format!("{id} stands here again, after line {}; an edit reaches only the first of the rows", first.line())
    } else {
        format!(
            "{id} stands in the active work of two plans, here and at {}; nobody can tell which one has it",
            place(first)
        )
    };
    told(&id, row, message).advise("give one of the rows an id of its own, or remove it")
}

/// Ids that stand twice, of all tasks.
pub fn repeated_ids(tasks: &crate::model::task::TaskList) -> Vec<Finding> {
    let of_task = |task| {
        let found = repeated_rows(task).into_iter().map(move |(row, first)| repeated(task, row, first));
        found.map(|finding| Finding { rule: "sync-repeated-id", severity: Severity::Warning, ..finding })
    };
    tasks.iter().flat_map(of_task).collect()
}

fn adding(task: Task<'_>, edits: Vec<Edit>) -> Option<Operation> {
    let docs: Vec<String> = edits.iter().map(|edit| edit.doc.to_string()).collect();
    let summary = format!("add {} to {}", task.id(), docs.join(" and "));
    let intent = Intent { verb: VERB.to_owned(), summary };
    (!edits.is_empty()).then_some(Operation { intent, edits, undoes: None })
}
