//! The runbook's commands and the autonomy plan, as the documents stand.

use std::sync::Arc;

use super::Workbench;
use crate::model::autonomy::Autonomy;
use crate::model::runbook::Runbook;
use crate::workspace::Role;

impl Workbench {
    /// The commands of the runbooks. Needs [`Workbench::load_all`].
    pub fn runbook(&self) -> Runbook {
        let docs = self.view.workspace.with_role(Role::Runbook);
        Runbook::project(docs.filter_map(|id| self.view.snapshot.get(id)).map(Arc::as_ref))
    }

    /// The levels of the autonomy plan; their built-in meaning where there is none. Needs [`Workbench::load_all`].
    pub fn autonomy(&self) -> Autonomy {
        let doc = self.view.workspace.with_role(Role::Autonomy).find_map(|id| self.view.snapshot.get(id));
        doc.map_or_else(Autonomy::default, |doc| Autonomy::project(doc))
    }
}
