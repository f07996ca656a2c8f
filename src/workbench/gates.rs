//! Gates for both front ends: compiles the clauses, reads telemetry (only what is new since the last time), judges.

pub mod beside;
mod part;
mod read;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{Local, NaiveDate};

use super::{View, Workbench};
use crate::doc::{DocId, Rev, Severity};
use crate::model::finding::Finding;
use crate::model::gate::evaluate::{Ask, Judged, Totals, evaluate, evaluate_one};
use crate::model::gate::telemetry::{MAX_PROBLEMS, Needs, Telemetry};
use crate::model::gate::{Clause, GateList, Statistic, compile};
use crate::store::Store;
use crate::workspace::{Config, Pattern, Role};
use beside::News;

/// All gates at one moment.
#[derive(Debug, Clone, Default)]
pub struct Gates {
    /// The clauses and what is wrong with their document.
    pub list: Arc<GateList>,
    /// What was read.
    pub telemetry: Arc<Telemetry>,
    /// The clauses with their verdicts, in the order of the document.
    pub judged: Vec<Judged>,
}

/// What the operator wants to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// As of the end of this day.
    pub at: Option<NaiveDate>,
    /// By this file, or the files of this folder, alone.
    pub source: Option<String>,
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that have been read.
    pub done: u64,
    /// Bytes to read.
    pub all: u64,
}

/// Holds what was read, so that the next reading takes only what is new. One for each workspace that is looked at.
#[derive(Default)]
pub struct GateReader {
    needs: Arc<Needs>,
    held: BTreeMap<DocId, read::Held>,
    last: Option<Last>,
}

/// The last judgement: of clauses to which nothing is new it still holds.
struct Last {
    list: Arc<GateList>,
    question: Question,
    files: Vec<DocId>,
    today: NaiveDate,
    stale_after: Option<f64>,
    judged: Vec<Judged>,
}

impl GateReader {
    /// Compiles, reads and judges. None when `cancel` was set meanwhile: what was read until then is kept for the next time.
    pub fn judge(
        &mut self,
        subject: &Subject,
        question: &Question,
        progress: &(dyn Fn(Progress) + Sync),
        cancel: &AtomicBool,
    ) -> Option<Gates> {
        let list = &subject.list;
        let needs = Needs::of(list, &subject.config.gates);
        if needs != *self.needs {
            // Other clauses need other fields: nothing that is held answers them.
            self.needs = Arc::new(needs);
            self.held.clear();
            self.last = None;
        }
        let (telemetry, news) = read::read(self, subject, question.source.as_deref(), progress, cancel);
        if cancel.load(Ordering::Relaxed) {
            self.last = None;
            return None;
        }
        let ask = Ask {
            now: Local::now().naive_local(),
            at: question.at,
            source: question.source.clone(),
            stale_after: subject.config.gates.stale_after,
        };
        let files: Vec<DocId> = telemetry.files.iter().map(|file| file.id.clone()).collect();
        let last = self.last.take().filter(|last| Arc::ptr_eq(&last.list, list) || *last.list == **list);
        let last = last.filter(|last| {
            last.question == *question
                && last.files == files
                && last.today == ask.now.date()
                && last.stale_after == ask.stale_after
        });
        let judged = match (last, news) {
            (Some(last), read::News::Events(events)) => {
                // An age in hours moves with the clock.
                let moves = |clause: &Clause| {
                    clause.statistic == Some(Statistic::Age)
                        || clause.metric.event.as_ref().is_some_and(|event| events.contains(event))
                };
                let again = last.judged.into_iter().map(|one| match moves(&one.clause) {
                    true => evaluate_one(&one.clause, &telemetry, &ask),
                    false => one,
                });
                again.collect()
            }
            (_, _) => evaluate(list, &telemetry, &ask),
        };
        self.last = Some(Last {
            list: Arc::clone(list),
            question: question.clone(),
            files,
            today: ask.now.date(),
            stale_after: ask.stale_after,
            judged: judged.clone(),
        });
        Some(Gates { list: Arc::clone(list), telemetry: Arc::new(telemetry), judged })
    }
}

/// What is judged: a copy of what the workbench knows, so that judging can go on beside it on another thread.
#[derive(Clone)]
pub struct Subject {
    store: Store,
    config: Arc<Config>,
    list: Arc<GateList>,
    /// The documents of the clauses.
    docs: Vec<Rev>,
}

impl Subject {
    /// The clauses.
    pub fn list(&self) -> &Arc<GateList> {
        &self.list
    }

    /// Whether a change of this file can change a verdict.
    pub fn concerns(&self, id: &DocId) -> bool {
        let sources = &self.config.gates;
        let named = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(id));
        (named(&sources.events) || named(&sources.artifacts) || named(&sources.bundles)) && !named(&sources.ignore)
    }

    /// The folders of telemetry, for a watcher.
    pub fn folders(&self) -> Vec<String> {
        let sources = &self.config.gates;
        let patterns = sources.events.iter().chain(&sources.artifacts).chain(&sources.bundles);
        let mut folders: Vec<String> = patterns.map(Pattern::folder).collect();
        folders.sort();
        folders.dedup();
        folders
    }
}

impl Workbench {
    /// The gates of the workspace, compiled; to be judged here or on another thread.
    pub fn gates(&self) -> Subject {
        let view = self.view();
        let docs = view.workspace.with_role(Role::Gates).filter_map(|id| view.snapshot.get(id)).map(|doc| doc.rev());
        Subject {
            store: self.store().clone(),
            config: Arc::clone(&view.config),
            list: compiled(view),
            docs: docs.collect(),
        }
    }
}

impl Workbench {
    /// Whether clauses and configuration are still those of the subject.
    pub(super) fn is_subject(&self, subject: &Subject) -> bool {
        let view = self.view();
        let docs = view.workspace.with_role(Role::Gates).filter_map(|id| view.snapshot.get(id)).map(|doc| doc.rev());
        Arc::ptr_eq(&subject.config, &view.config) && docs.eq(subject.docs.iter().copied())
    }

    /// Shows what the judge says.
    pub(super) fn set_gates(&mut self, news: News) {
        match news {
            News::Reading(progress) => self.view.reading = Some(progress),
            News::Judged(gates) => {
                self.view.gates = gates;
                self.view.reading = None;
            }
            News::Stopped => self.view.reading = None,
        }
        self.view.generation += 1;
    }
}

fn compiled(view: &View) -> Arc<GateList> {
    let docs = view.workspace.with_role(Role::Gates).filter_map(|id| view.snapshot.get(id));
    let mut lists = docs.map(|doc| compile(doc, &view.config));
    let mut list = lists.next().unwrap_or_default();
    for more in lists {
        // Several documents: their clauses keep their own numbers, with the document in front.
        let stem = more.doc.as_ref().map_or("", DocId::stem).to_owned();
        list.clauses.extend(more.clauses.into_iter().map(|mut clause| {
            clause.id = format!("{stem}:{}", clause.id);
            clause
        }));
        list.findings.extend(more.findings);
    }
    Arc::new(list)
}

impl Gates {
    /// How many clauses have which verdict.
    pub fn totals(&self) -> Totals {
        Totals::of(&self.judged)
    }

    /// What is wrong with document, bindings and telemetry, each with file and line.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.list.findings.clone();
        for file in &self.telemetry.files {
            for fault in file.faults.iter().take(MAX_PROBLEMS) {
                let severity = if fault.note { Severity::Note } else { Severity::Warning };
                let finding = Finding::new("telemetry", severity, fault.message.clone())
                    .at(file.id.as_str(), fault.line as usize)
                    .advise("gates are judged without it; write it again, or name it under [gates] ignore in codex-tui.toml");
                findings.push(finding);
            }
        }
        findings
    }
}
