//! Findings: what `doctor` and `check` say about documents. One shape for all of them, so that text, JSON, annotations and
//! the cockpit show the same things.

use std::collections::BTreeMap;

use crate::doc::{DocId, Document, Problem, Severity};
use crate::op::Operation;

/// One thing that is wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable rule name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The document (or the path where one is missing); none for the workspace as a whole.
    pub file: Option<String>,
    /// 1-based line.
    pub line: Option<usize>,
    /// Task id, where the finding is about one.
    pub id: Option<String>,
    /// The field about which documents disagree.
    pub field: Option<&'static str>,
    /// What each document says, as written; empty unless the finding is about a field.
    pub values: BTreeMap<DocId, String>,
    /// What is wrong and why it matters.
    pub message: String,
    /// How to mend it.
    pub advice: Option<String>,
    /// What mends it, where there is only one right way.
    pub fix: Option<Operation>,
}

impl Finding {
    /// A finding about the workspace as a whole, without advice.
    pub fn new(rule: &'static str, severity: Severity, message: String) -> Finding {
        Finding {
            rule,
            severity,
            file: None,
            line: None,
            id: None,
            field: None,
            values: BTreeMap::new(),
            message,
            advice: None,
            fix: None,
        }
    }

    /// A damaged place of a document.
    pub fn damage(doc: &Document, problem: &Problem) -> Finding {
        Finding::new(problem.rule, problem.severity, problem.message.clone())
            .at(doc.id().as_str(), problem.line)
            .advise(problem.advice.clone())
    }

    /// The same finding, in this document.
    pub fn file(mut self, file: &str) -> Finding {
        self.file = Some(file.to_owned());
        self
    }

    /// The same finding, at this line.
    pub fn at(mut self, file: &str, line: usize) -> Finding {
        self.line = Some(line);
        self.file(file)
    }

    /// The same finding, about this task.
    pub fn about(mut self, id: &str) -> Finding {
        self.id = Some(id.to_owned());
        self
    }

    /// The same finding, about a field that documents give these values.
    pub fn says(mut self, field: &'static str, values: BTreeMap<DocId, String>) -> Finding {
        self.field = Some(field);
        self.values = values;
        self
    }

    /// The same finding with advice.
    pub fn advise(mut self, advice: impl Into<String>) -> Finding {
        self.advice = Some(advice.into());
        self
    }

    /// The same finding with what mends it, if there is something.
    pub fn mended_by(mut self, fix: Option<Operation>) -> Finding {
        self.fix = fix;
        self
    }

    /// `file:line`, as far as it has one.
    pub fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.clone(),
            (None, _) => String::new(),
        }
    }

    /// Sorts as people read: by document and line, the worse first within a line.
    pub fn order(&self) -> impl Ord + '_ {
        (&self.file, self.line, self.severity, self.rule, &self.id)
    }
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Somebody will do the wrong thing.
    pub errors: usize,
    /// Documents contradict each other, or a rule of the process is broken.
    pub warnings: usize,
    /// Worth knowing.
    pub notes: usize,
}

impl Totals {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Totals {
        let mut totals = Totals::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => totals.errors += 1,
                Severity::Warning => totals.warnings += 1,
                Severity::Note => totals.notes += 1,
            }
        }
        totals
    }

    /// Whether something has to be done.
    pub fn is_clean(self) -> bool {
        self.errors + self.warnings == 0
    }
}
