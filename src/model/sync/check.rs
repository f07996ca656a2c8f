//! The frame of the rules: what they look at, what they have found, and which paths were looked up.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::Input;
use crate::doc::{DocId, Severity};
use crate::model::finding::{Finding, Totals};
use crate::model::task::edit::{Target, set};
use crate::model::task::{Kind, Task, TaskCell, TaskRow, TaskTable};
use crate::op::Operation;
use crate::workspace::config::Field;

/// How many findings of one rule are listed in full. A board of 100,000 rows of which no plan knows would otherwise cost
/// more memory for its findings than for itself.
const IN_FULL: usize = 1000;

/// The plans and the other paths that a plan link names.
pub(super) type Named = (Rc<[String]>, Rc<[String]>);

/// A comparison under way.
pub(super) struct Check<'a> {
    pub input: Input<'a>,
    /// The first table of each leading document, and of each plan.
    pub tables: Vec<TaskTable<'a>>,
    exists: &'a dyn Fn(&str) -> bool,
    /// Paths that were looked up.
    pub cited: BTreeMap<String, bool>,
    /// Plan links as written, taken apart.
    pub links: HashMap<String, Named>,
    findings: Vec<Finding>,
    counts: Vec<(&'static str, usize)>,
    totals: Totals,
}

impl<'a> Check<'a> {
    pub fn new(input: Input<'a>, exists: &'a dyn Fn(&str) -> bool) -> Check<'a> {
        let mut tables: Vec<TaskTable<'a>> = Vec::new();
        for table in input.tasks.tables() {
            if tables.iter().all(|other| (other.doc(), other.kind()) != (table.doc(), table.kind())) {
                tables.push(table);
            }
        }
        Check {
            input,
            tables,
            exists,
            cited: BTreeMap::new(),
            links: HashMap::new(),
            findings: Vec::new(),
            counts: Vec::new(),
            totals: Totals::default(),
        }
    }

    /// Whether a path is there; asked once a path.
    pub fn exists(&mut self, path: &str) -> bool {
        if let Some(there) = self.cited.get(path) {
            return *there;
        }
        let there = (self.exists)(path);
        self.cited.insert(path.to_owned(), there);
        there
    }

    /// Notes a finding. It is only made when it is going to be listed.
    pub fn add(&mut self, rule: &'static str, severity: Severity, finding: impl FnOnce(&Self) -> Finding) {
        match severity {
            Severity::Error => self.totals.errors += 1,
            Severity::Warning => self.totals.warnings += 1,
            Severity::Note => self.totals.notes += 1,
        }
        let count = match self.counts.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.counts.push((rule, 1));
                1
            }
        };
        if count <= IN_FULL {
            let finding = Finding { rule, severity, ..finding(self) };
            self.findings.push(finding);
        }
    }

    /// All findings in reading order, rules with too many ending with a count, and how many there are.
    pub fn finish(mut self) -> (Vec<Finding>, Totals, BTreeMap<String, bool>) {
        for (rule, count) in self.counts {
            let Some(last) = self.findings.iter().rfind(|finding| finding.rule == rule) else { continue };
            if count > IN_FULL {
                let more = Finding {
                    id: None,
                    field: None,
                    values: BTreeMap::new(),
                    message: format!("{} more places like this follow", count - IN_FULL),
                    fix: None,
                    ..last.clone()
                };
                self.findings.push(more);
            }
        }
        self.findings.sort_by(|a, b| a.order().cmp(&b.order()));
        (self.findings, self.totals, self.cited)
    }
}

/// What is said of a task at this row; rule and severity come from [`Check::add`].
pub(super) fn told(id: &str, row: TaskRow<'_>, message: String) -> Finding {
    Finding::new("", Severity::Note, message).at(row.doc().as_str(), row.line()).about(id)
}

/// `file:line`.
pub(super) fn place(row: TaskRow<'_>) -> String {
    format!("{}:{}", row.doc(), row.line())
}

/// The operation that makes a field of these rows say what `lead` says; none where that row is damaged, so that its
/// values may be those of other columns.
pub(super) fn copy(id: &str, field: Field, lead: TaskRow<'_>, rows: &[TaskRow<'_>], text: &str) -> Option<Operation> {
    if lead.damage().is_some() { None } else { write(id, field, rows, text) }
}

/// The operation that makes a field of these rows say `text`; none where a row cannot be written.
pub(super) fn write(id: &str, field: Field, rows: &[TaskRow<'_>], text: &str) -> Option<Operation> {
    if rows.iter().any(|row| row.kind() == Kind::Csv && row.damage().is_some()) {
        return None;
    }
    let target = |row: &TaskRow<'_>| Target::of(TaskCell { row: *row, column: row.column(field)? }).ok();
    let targets: Option<Vec<Target>> = rows.iter().map(target).collect();
    let mut operation = set(id, field.name(), &targets?, text);
    operation.intent.verb = VERB.to_owned();
    (!operation.edits.is_empty()).then_some(operation)
}

/// The verb under which fixes stand in the history.
pub(super) const VERB: &str = "check";

/// The first row of the task in each table: what stands there again is another rule's matter.
pub(super) fn firsts<'a>(task: Task<'a>) -> Vec<TaskRow<'a>> {
    let mut rows: Vec<TaskRow<'a>> = Vec::new();
    for row in task.rows() {
        if rows.iter().all(|other| !other.is_in_table_of(row)) {
            rows.push(row);
        }
    }
    rows
}

/// What each document says, as written.
pub(super) fn values(said: &[(TaskRow<'_>, String)]) -> BTreeMap<DocId, String> {
    let mut values = BTreeMap::new();
    for (row, text) in said {
        values.entry(row.doc().clone()).or_insert_with(|| text.clone());
    }
    values
}
