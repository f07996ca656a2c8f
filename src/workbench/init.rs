//! The documents that a workspace begins with. What is there stays as it is: neither a file of that name is touched, nor is
//! a second document put beside one that plays the same part under another name.

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::Workbench;
use super::demo::Layout;
use crate::doc::{Addition, DocId};
use crate::op::{Change, Edit, Intent, Operation};
use crate::workspace::Workspace;

/// What `init` would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// Creates what is missing; none when nothing is.
    pub operation: Option<Operation>,
    /// What is not created, and the document that is there in its place.
    pub kept: Vec<(DocId, DocId)>,
}

impl Workbench {
    /// What creates the missing documents of these layouts.
    pub fn init(&self, layouts: &[Layout], now: DateTime<FixedOffset>) -> Beginning {
        let mut edits: Vec<Edit> = Vec::new();
        let mut kept = Vec::new();
        let files: Vec<(DocId, &str)> = layouts.iter().flat_map(|layout| layout.beginnings()).collect();
        let paths: Vec<DocId> = files.iter().map(|(path, _)| path.clone()).collect();
        let parts = Workspace::recognise(&paths, self.config());
        for (path, text) in files {
            let same = parts.role(&path).and_then(|role| self.view.workspace.with_role(role).next().cloned());
            if let Some(there) = same.or_else(|| self.store.exists(&path).then(|| path.clone())) {
                kept.push((path, there));
                continue;
            }
            let text = text
                .replace("{today}", &now.date_naive().to_string())
                .replace("{now}", &now.to_rfc3339_opts(SecondsFormat::Secs, false));
            if edits.iter().all(|edit| edit.doc != path) {
                let change = Change::Add { addition: Addition::Document { text }, gap: None };
                edits.push(Edit { doc: path, change });
            }
        }
        let names: Vec<&str> = layouts.iter().map(|layout| layout.name()).collect();
        let intent = Intent { verb: "init".to_owned(), summary: format!("begin with {}", names.join(" and ")) };
        let operation = (!edits.is_empty()).then_some(Operation { intent, edits, undoes: None });
        Beginning { operation, kept }
    }
}
