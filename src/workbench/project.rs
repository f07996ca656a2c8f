//! Projects documents into the view; after a change only what depends on the changed documents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Workbench;
use crate::doc::DocId;
use crate::model::autonomy::Autonomy;
use crate::model::checklist::{Checklist, Ledger};
use crate::model::gate::act::sign_offs;
use crate::model::plan::Plan;
use crate::model::prompt::Playbook;
use crate::model::runbook::Runbook;
use crate::model::session::SessionLog;
use crate::model::sync;
use crate::model::task::{CARRIERS, TaskList};
use crate::model::timeline::Timeline;
use crate::model::toolbox::Toolbox;
use crate::workspace::Role;

/// Projections of single documents, kept until their document changes.
#[derive(Default)]
pub(super) struct Cache {
    plans: BTreeMap<DocId, Plan>,
    sessions: BTreeMap<DocId, SessionLog>,
    pub(super) ledger: Ledger,
}

impl Workbench {
    pub(super) fn project_tasks(&mut self) {
        if !self.view.tasks.is_of(&self.view.snapshot, &self.view.workspace) {
            self.view.tasks = Arc::new(TaskList::project(&self.view.snapshot, &self.view.workspace, self.config()));
            self.facts += 1;
        }
    }

    fn project_sign_offs(&mut self) {
        let view = &self.view;
        let docs = view.workspace.with_role(Role::SignOffs).filter_map(|id| view.snapshot.get(id));
        self.view.sign_offs = Arc::new(docs.flat_map(|doc| sign_offs(doc)).collect());
    }

    pub(super) fn project_all(&mut self) {
        self.project_sign_offs();
        self.project_tasks();
        self.project_plans();
        self.project_sessions(false);
        self.project_commands();
        self.project_playbook();
        self.project_toolbox();
        self.project_checklists();
        self.project_timeline();
        self.project_damage();
    }

    /// Projects again what depends on `changed`; documents that came or went count as changed. With `only_talk` they are
    /// session logs that have grown by text that names no task.
    pub(super) fn project(&mut self, changed: &BTreeSet<DocId>, only_talk: bool) {
        for id in changed {
            self.cache.plans.remove(id);
            self.cache.sessions.remove(id);
        }
        // A document that went has no role any more: whatever it was, its projections are made again.
        let touches = |roles: &[Role]| {
            changed.iter().any(|id| self.view.workspace.role(id).is_none_or(|role| roles.contains(&role)))
        };
        let tasks = touches(&CARRIERS);
        let plans = touches(&[Role::Plan]);
        let signed = touches(&[Role::SignOffs]);
        let sessions = touches(&[Role::SessionLog]);
        let checklists = touches(&[Role::Checklist, Role::Playbook, Role::Ledger, Role::SessionLog]);
        let playbook = touches(&[Role::Playbook]);
        let toolbox = touches(&[Role::Progress, Role::Journal]);
        let commands = touches(&[Role::Runbook, Role::Autonomy]);
        if tasks {
            self.project_tasks();
        }
        if plans {
            self.project_plans();
        }
        if signed {
            self.project_sign_offs();
        }
        if sessions {
            self.project_sessions(only_talk);
        }
        if commands {
            self.project_commands();
        }
        if playbook {
            self.project_playbook();
        }
        if toolbox {
            self.project_toolbox();
        }
        if checklists {
            self.project_checklists();
        }
        if tasks || plans || sessions || toolbox {
            self.project_timeline();
        }
        self.project_damage();
    }

    fn project_plans(&mut self) {
        let view = &self.view;
        let docs = view.workspace.with_role(Role::Plan).filter_map(|id| view.snapshot.get(id));
        let plans = docs.map(|doc| {
            let cached = self.cache.plans.remove(doc.id());
            cached.unwrap_or_else(|| Plan::project(doc))
        });
        let plans: Vec<Plan> = plans.collect();
        self.cache.plans = plans.iter().map(|plan| (plan.doc.clone(), plan.clone())).collect();
        self.view.plans = Arc::new(plans);
        self.facts += 1;
    }

    /// With `only_talk`, the documents of the logs have grown by text that names no task.
    fn project_sessions(&mut self, only_talk: bool) {
        let view = &self.view;
        let docs = view.workspace.with_role(Role::SessionLog).filter_map(|id| view.snapshot.get(id));
        let mut sessions: Vec<SessionLog> =
            docs.map(|doc| self.cache.sessions.remove(doc.id()).unwrap_or_else(|| SessionLog::project(doc))).collect();
        sessions.sort_by(|a, b| a.order().cmp(&b.order()));
        self.cache.sessions = sessions.iter().map(|log| (log.doc.clone(), log.clone())).collect();
        if !only_talk || !sync::same_cards(&self.view.sessions, &sessions) {
            self.facts += 1;
        }
        self.view.sessions = Arc::new(sessions);
    }

    fn project_commands(&mut self) {
        let view = &self.view;
        let runbooks = view.workspace.with_role(Role::Runbook).filter_map(|id| view.snapshot.get(id));
        let runbook = Runbook::project(runbooks.map(Arc::as_ref));
        let plan = view.workspace.with_role(Role::Autonomy).find_map(|id| view.snapshot.get(id));
        let autonomy = plan.map_or_else(Autonomy::default, |doc| Autonomy::project(doc));
        let set = autonomy.opt_ins.iter().filter_map(|one| Some((one.name.clone(), std::env::var(&one.name).ok()?)));
        self.view.opted = Arc::new(set.collect());
        self.view.runbook = Arc::new(runbook);
        self.view.autonomy = Arc::new(autonomy);
    }

    fn project_playbook(&mut self) {
        let view = &self.view;
        let docs = view.workspace.with_role(Role::Playbook).filter_map(|id| view.snapshot.get(id));
        self.view.playbook = Arc::new(Playbook::project(docs.map(Arc::as_ref)));
    }

    fn project_toolbox(&mut self) {
        let view = &self.view;
        let first = |role| view.workspace.with_role(role).find_map(|id| view.snapshot.get(id));
        let toolbox = Toolbox::project(first(Role::Progress).map(|doc| &**doc), first(Role::Journal).map(|doc| &**doc));
        self.view.toolbox = Arc::new(toolbox);
    }

    fn project_checklists(&mut self) {
        let view = &self.view;
        let ledger = view.workspace.with_role(Role::Ledger).find_map(|id| view.snapshot.get(id));
        self.cache.ledger = Ledger::project(ledger.map(Arc::as_ref));
        let session = view.sessions.last().map_or("", |log| log.name.as_str());
        let docs = view.workspace.with_role(Role::Checklist).filter_map(|id| view.snapshot.get(id));
        let lists = docs.map(|doc| Checklist::project(doc, &self.cache.ledger, Some(session)));
        let playbooks = view.workspace.with_role(Role::Playbook).filter_map(|id| view.snapshot.get(id));
        let lists = lists.chain(playbooks.map(|doc| Checklist::of_playbook(doc, &self.cache.ledger, Some(session))));
        let lists: Vec<Checklist> = lists.filter(|list| !list.sections.is_empty()).collect();
        self.view.checklists = Arc::new(lists);
    }

    fn project_timeline(&mut self) {
        let view = &self.view;
        self.view.timeline =
            Arc::new(Timeline::project(&view.plans, &view.sessions, &view.tasks, view.toolbox.events()));
    }

    fn project_damage(&mut self) {
        let docs = self.view.snapshot.iter().filter(|doc| !doc.problems().is_empty());
        let damaged = docs.map(|doc| (doc.id().clone(), doc.problems().len())).collect();
        self.view.damaged = Arc::new(damaged);
    }
}
