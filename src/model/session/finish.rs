//! Finishing a session: the plan's timeline, the task's rows, the log and its hand-off, as one operation.

mod entry;
mod log;

use std::ops::Range;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use super::SessionLog;
use super::changed::{Changed, ChangedFile, How};
use super::facts::{Facts, HANDOFF, Ran, saved_handoff};
use super::form::{content_end, line_end};
use super::handoff::{Handoff, Known, ran_text, written_state};
use super::note::one_line;
use super::open::{self, OpenItem, OpenKind};
use super::start::in_work;
use crate::doc::{DocId, Document, Snapshot};
use crate::model::checklist::Checklist;
use crate::model::gate::act::SignOff;
use crate::model::gate::evaluate::Judged;
use crate::model::next::propose;
use crate::model::plan::Plan;
use crate::model::sync::Sync;
use crate::model::task::edit::{Conclusion, Refused, conclude};
use crate::model::task::{CARRIERS, Task, TaskList};
use crate::model::timeline::Stamp;
use crate::op::{self, Change, Edit, Intent, Mode, Operation};
use crate::workspace::{Config, Workspace};
use entry::Entry;
use log::Filling;

/// How many files a log lists.
const FILES: usize = 60;
/// How many things of a kind a log lists as open.
const LISTED: usize = 12;
/// How many artifacts are taken from the log.
const ARTIFACTS: usize = 6;

/// What the operator says at the end of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// How it ended.
    pub outcome: Conclusion,
    /// What was done, in one line.
    pub summary: String,
    /// What comes next; empty when nobody says.
    pub next: String,
    /// Numbers and files that show it; those of the log when empty.
    pub artifacts: Vec<String>,
    /// What the log says of tests; the last recorded test run when empty.
    pub tests: String,
    /// What it says of the smoke run; the last other recorded command when empty.
    pub smoke: String,
    /// The day that is written; today when left out.
    pub day: Option<NaiveDate>,
    /// Although something is still open.
    pub anyway: bool,
}

/// What a session is finished on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The session.
    pub log: &'a SessionLog,
    /// The documents.
    pub snapshot: &'a Snapshot,
    /// Their roles.
    pub workspace: &'a Workspace,
    /// The configuration in force.
    pub config: &'a Config,
    /// The tasks.
    pub tasks: &'a TaskList,
    /// The plans.
    pub plans: &'a [Plan],
    /// Their letters in the order of their weight.
    pub plan_order: &'a [String],
    /// The session's checklist.
    pub list: Option<&'a Checklist>,
    /// Whether the documents agree.
    pub sync: &'a Sync,
    /// The gates with their verdicts.
    pub gates: &'a [Judged],
    /// The document of the gates.
    pub gates_doc: Option<&'a DocId>,
    /// What people signed off.
    pub sign_offs: &'a [SignOff],
    /// The command that is running, if one is.
    pub running: Option<&'a str>,
    /// The files that changed.
    pub changed: &'a Changed,
    /// Now.
    pub now: NaiveDateTime,
}

/// What finishes a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Writes it all.
    pub operation: Operation,
    /// The hand-off, as it will stand in the log.
    pub handoff: Handoff,
    /// What is still open afterwards.
    pub open: Vec<OpenItem>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// Why a session is not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFinished {
    /// This is still open, and nobody said that it does not matter.
    Open(Vec<OpenItem>),
    /// It cannot be done so.
    Refused(Refused),
}

impl From<Refused> for NotFinished {
    fn from(refused: Refused) -> NotFinished {
        NotFinished::Refused(refused)
    }
}

/// Finishes a session.
pub fn finish(wanted: &Finish, ground: Ground<'_>) -> Result<Ending, NotFinished> {
    let wanted = checked(wanted)?;
    let session = Session::of(ground)?;
    if let Some((line, _)) = saved_handoff(session.doc) {
        return Err(NotFinished::Refused(Refused(format!(
            "{}:{line}: this session is finished; `session start TASK` begins the next one, and `undo` takes the end back",
            ground.log.doc
        ))));
    }
    let facts = Facts::project(session.doc);
    let mut edits = session.documents(&wanted, &facts)?;
    let filling = session.filling(&wanted, &facts, &edits)?;
    let none = || "None.".to_owned();
    let bare = [edits.clone(), log::fill(session.doc, &Filling { follow_ups: none(), ..filling.clone() })?].concat();
    let open = After::of(ground, &bare)?.open(ground);
    if !(open.is_empty() || wanted.anyway) {
        return Err(NotFinished::Open(open));
    }
    let follow_ups = match (filling.follow_ups.as_str(), open.as_slice()) {
        ("", []) => none(),
        ("", _) => "Close what was open at the finish.".to_owned(),
        (next, _) => next.to_owned(),
    };
    edits.extend(log::fill(session.doc, &Filling { follow_ups, ..filling })?);
    edits.extend(open_lines(&open).into_iter().map(|line| log::under_outcome(session.doc, line)));
    let after = After::of(ground, &edits)?;
    let changed = with_written(ground.changed, &edits);
    let handoff = after.handoff(Ground { changed: &changed, ..ground }, &session, &wanted);
    let lines = handoff.lines().into_iter();
    edits.extend(lines.map(|line| log::line_under(&ground.log.doc, HANDOFF, line)));
    let summary = format!("finish {}: {}", ground.log.name, session.status(wanted.outcome)?);
    let intent = Intent { verb: "session finish".to_owned(), summary };
    let warnings = session.warnings(&open);
    Ok(Ending { operation: Operation { intent, edits, undoes: None }, handoff, open, warnings })
}

/// The hand-off of a session that goes on: what is recorded so far.
pub fn so_far(ground: Ground<'_>) -> Result<Handoff, Refused> {
    let session = Session::of(ground)?;
    let known = Known {
        log: ground.log,
        doc: session.doc,
        changed: ground.changed,
        tasks: ground.tasks,
        timeline: session.plan.and_then(|(plan, doc)| Some((&plan.doc, named_at(ground.log, plan, doc)?))),
        before: None,
        summary: "",
        next: "",
        proposed: propose(ground.tasks, ground.plans, ground.plan_order, ground.config).task,
    };
    Ok(Handoff::of(known))
}

/// What the operator said, each text one line.
fn checked(wanted: &Finish) -> Result<Finish, Refused> {
    let line = |text: &str, what: &str| one_line(text, what).map(str::to_owned);
    let wanted = Finish {
        summary: line(&wanted.summary, "the summary")?,
        next: line(&wanted.next, "the next step")?,
        artifacts: wanted.artifacts.iter().map(|text| line(text, "an artifact")).collect::<Result<_, _>>()?,
        tests: line(&wanted.tests, "what is said of the tests")?,
        smoke: line(&wanted.smoke, "what is said of the smoke run")?,
        ..wanted.clone()
    };
    if wanted.summary.is_empty() {
        return Err(Refused("the summary is empty: say in one line what was done".to_owned()));
    }
    Ok(wanted)
}

/// The session's own documents.
struct Session<'a> {
    ground: Ground<'a>,
    doc: &'a Document,
    task: Option<Task<'a>>,
    plan: Option<(&'a Plan, &'a Document)>,
}

impl<'a> Session<'a> {
    fn of(ground: Ground<'a>) -> Result<Session<'a>, Refused> {
        let doc = ground
            .snapshot
            .get(&ground.log.doc)
            .ok_or_else(|| Refused(format!("{}: the session's log is no longer there; put it back", ground.log.doc)))?;
        let at = ground.log.tasks.first().and_then(|id| ground.tasks.find(id));
        let task = at.map(|at| ground.tasks.task(at));
        Ok(Session { ground, doc, task, plan: plan_of(ground.log, ground.tasks, ground.plans, ground.snapshot) })
    }

    /// The status that the log gets.
    fn status(&self, outcome: Conclusion) -> Result<String, Refused> {
        let states = &self.ground.config.states;
        Ok(match outcome {
            Conclusion::Done => states.done.clone(),
            Conclusion::Blocked => states.blocked.clone(),
            Conclusion::Open => in_work(states)?.to_owned(),
        })
    }

    /// What is written into boards, backlog and plan.
    fn documents(&self, wanted: &Finish, facts: &Facts) -> Result<Vec<Edit>, Refused> {
        let today = wanted.day.unwrap_or(self.ground.now.date());
        let mut edits = Vec::new();
        if let Some(task) = self.task {
            edits = conclude(task, wanted.outcome, &wanted.summary, &self.ground.config.states, today)?.edits;
        }
        if let Some((plan, doc)) = self.plan
            && named_at(self.ground.log, plan, doc).is_none()
        {
            let artifacts =
                if wanted.artifacts.is_empty() { recorded_artifacts(facts) } else { wanted.artifacts.clone() };
            let time = Some(self.ground.now.time()).filter(|_| today == self.ground.now.date());
            let id = self.task.map(|task| task.id().into_owned()).unwrap_or_default();
            let entry = Entry {
                at: Stamp { date: today, time },
                task: &id,
                summary: &wanted.summary,
                artifacts: &artifacts,
                log: &self.ground.log.doc,
            };
            edits.push(entry::add(doc, entry)?);
        }
        Ok(edits)
    }

    fn filling(&self, wanted: &Finish, facts: &Facts, edits: &[Edit]) -> Result<Filling, Refused> {
        let last = |ran: Option<&Ran>| ran.map(ran_text).unwrap_or_default();
        let or = |said: &str, recorded: String| if said.is_empty() { recorded } else { said.to_owned() };
        let outputs: Vec<&str> =
            facts.runs.iter().filter_map(|ran| ran.record.output.as_ref()).map(DocId::as_str).collect();
        let mut files: Vec<String> = self.ground.changed.files.iter().map(|file| file.path.clone()).collect();
        files.extend(edits.iter().map(|edit| edit.doc.to_string()));
        files.push(self.ground.log.doc.to_string());
        files.retain(|path| !outputs.contains(&path.as_str()));
        files.sort();
        files.dedup();
        let more = files.len().saturating_sub(FILES) + self.ground.changed.left_out;
        files.truncate(FILES);
        if more > 0 {
            files.push(format!("and {more} more"));
        }
        Ok(Filling {
            status: self.status(wanted.outcome)?,
            rationale: wanted.summary.clone(),
            tests: or(&wanted.tests, last(facts.tests().next_back())),
            smoke: or(&wanted.smoke, last(facts.other_runs().next_back())),
            follow_ups: wanted.next.clone(),
            files,
        })
    }

    fn warnings(&self, open: &[OpenItem]) -> Vec<String> {
        let log = self.ground.log;
        let mut warnings = Vec::new();
        if self.task.is_none() {
            warnings.push(format!("{}: no board carries a task that the card names: none was changed", log.doc));
        }
        if let [_, others @ ..] = log.tasks.as_slice()
            && !others.is_empty()
        {
            warnings.push(format!("{}: the card names {} too; their rows were left alone", log.doc, others.join(", ")));
        }
        if self.plan.is_none() {
            warnings.push(format!("{}: the task has no plan file: no timeline was changed", log.doc));
        }
        if !open.is_empty() {
            warnings.push(format!("still open: {}; the log lists it", open.len()));
        }
        warnings
    }
}

/// The plan of a session's task, with its document.
pub fn plan_of<'a>(
    log: &SessionLog,
    tasks: &TaskList,
    plans: &'a [Plan],
    snapshot: &'a Snapshot,
) -> Option<(&'a Plan, &'a Document)> {
    let letters = tasks.task(tasks.find(log.tasks.first()?)?).plan()?;
    let plan = plans.iter().find(|plan| plan.letters == letters)?;
    Some((plan, snapshot.get(&plan.doc)?))
}

/// The line at which a plan's timeline names the session, or its task on its day without another session.
pub(super) fn named_at(log: &SessionLog, plan: &Plan, doc: &Document) -> Option<usize> {
    let text = String::from_utf8_lossy(doc.bytes());
    let lines: Vec<&str> = text.lines().collect();
    let says = |line: &usize, date| {
        let line = lines.get(line - 1).copied().unwrap_or_default();
        let task = log.tasks.first().is_some_and(|id| line.contains(id.as_str())) && !line.contains("_session-");
        line.contains(&log.name) || (task && Some(date) == log.date)
    };
    plan.events
        .iter()
        .map(|event| (event.line, event.at.date))
        .find(|(line, date)| says(line, *date))
        .map(|(line, _)| line)
}

/// The files that changed, with those that the end of the session changes.
fn with_written(changed: &Changed, edits: &[Edit]) -> Changed {
    let mut changed = changed.clone();
    for edit in edits {
        if changed.files.iter().all(|file| file.path != edit.doc.as_str()) {
            changed.files.push(ChangedFile { path: edit.doc.to_string(), how: How::Changed });
        }
    }
    changed.files.sort_by(|a, b| a.path.cmp(&b.path));
    changed
}

/// Evidence and decisive lines of the log.
fn recorded_artifacts(facts: &Facts) -> Vec<String> {
    let attached = facts.attached.iter().map(|one| match one.text.as_str() {
        "" => format!("`{}`", one.path),
        text => format!("`{}` ({text})", one.path),
    });
    let decisive = facts.runs.iter().flat_map(|ran| ran.record.decisive.iter().cloned());
    let mut artifacts: Vec<String> = Vec::new();
    for artifact in attached.chain(decisive) {
        if !artifacts.contains(&artifact) {
            artifacts.push(artifact);
        }
    }
    artifacts.truncate(ARTIFACTS);
    artifacts
}

/// What is open, for the log: steps by their lines, the rest each with its place.
fn open_lines(open: &[OpenItem]) -> Vec<String> {
    let mut lines = Vec::new();
    for group in open.chunk_by(|a, b| a.kind == b.kind) {
        let Some(first) = group.first() else { continue };
        if first.kind == OpenKind::Step {
            let at: Vec<usize> = group.iter().filter_map(|item| item.line).collect();
            let doc = first.doc.as_ref().map_or("", DocId::as_str);
            let steps = if group.len() == 1 { "step" } else { "steps" };
            let lines_of = if group.len() == 1 { "line" } else { "lines" };
            lines.push(format!("  - {} {steps} of `{doc}`, {lines_of} {}", group.len(), ranges(&at)));
            continue;
        }
        for item in group.iter().take(LISTED) {
            let place = item.place();
            let place = if place.is_empty() { place } else { format!(" (`{place}`)") };
            lines.push(format!("  - {}{place}", item.what.replace(['\n', '\r'], " ")));
        }
        if group.len() > LISTED {
            lines.push(format!("  - and {} more of this kind", group.len() - LISTED));
        }
    }
    if !lines.is_empty() {
        lines.insert(0, "- Open at the finish:".to_owned());
    }
    lines
}

/// `3–5, 8`.
fn ranges(lines: &[usize]) -> String {
    let runs = lines.chunk_by(|a, b| a + 1 == *b).filter_map(|run| Some((run.first()?, run.last()?)));
    let said = runs.map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") });
    said.collect::<Vec<_>>().join(", ")
}

/// The documents after some edits.
struct After {
    snapshot: Snapshot,
    log: SessionLog,
    plan: Option<Plan>,
}

impl After {
    fn of(ground: Ground<'_>, edits: &[Edit]) -> Result<After, Refused> {
        let intent = Intent { verb: String::new(), summary: String::new() };
        let operation = Operation { intent, edits: edits.to_vec(), undoes: None };
        let planned = op::plan(&operation, Mode::Fresh, |id| ground.snapshot.get(id).cloned(), |_| None)
            .map_err(|refusal| Refused(refusal.to_string()))?;
        let mut snapshot = ground.snapshot.clone();
        snapshot.extend(planned.files.into_iter().filter_map(|file| file.after));
        let log = snapshot.get(&ground.log.doc).map_or_else(|| ground.log.clone(), |doc| SessionLog::project(doc));
        let plan = plan_of(ground.log, ground.tasks, ground.plans, &snapshot).map(|(_, doc)| Plan::project(doc));
        Ok(After { snapshot, log, plan })
    }

    fn plan(&self) -> Option<(&Plan, &Document)> {
        let plan = self.plan.as_ref()?;
        Some((plan, self.snapshot.get(&plan.doc)?))
    }

    fn doc(&self) -> Option<&Arc<Document>> {
        self.snapshot.get(&self.log.doc)
    }

    fn open(&self, ground: Ground<'_>) -> Vec<OpenItem> {
        let Some(doc) = self.doc() else { return Vec::new() };
        open::open(open::Input {
            log: &self.log,
            doc,
            list: ground.list,
            sync: ground.sync,
            gates: ground.gates,
            gates_doc: ground.gates_doc,
            sign_offs: ground.sign_offs,
            plan: self.plan(),
            running: ground.running,
        })
    }

    fn handoff(&self, ground: Ground<'_>, session: &Session<'_>, wanted: &Finish) -> Handoff {
        let Some(doc) = self.doc() else { return Handoff::default() };
        let docs = CARRIERS.into_iter().flat_map(|role| ground.workspace.with_role(role).map(move |id| (role, id)));
        let docs = docs.filter_map(|(role, id)| Some((role, Arc::clone(self.snapshot.get(id)?))));
        let tasks = TaskList::from_documents(docs, ground.config);
        let before = session.task.map(|task| written_state(task).into_owned());
        Handoff::of(Known {
            log: &self.log,
            doc,
            changed: ground.changed,
            tasks: &tasks,
            timeline: self.plan().and_then(|(plan, doc)| Some((&plan.doc, named_at(&self.log, plan, doc)?))),
            before: before.as_deref(),
            summary: &wanted.summary,
            next: &wanted.next,
            proposed: propose(&tasks, ground.plans, ground.plan_order, ground.config).task,
        })
    }
}

/// What replaces whole lines of a document by others, which end as the first one does.
fn rewrite(doc: &Document, place: Range<usize>, lines: &[&str]) -> Edit {
    let text = String::from_utf8_lossy(doc.bytes());
    let expect = text[place.clone()].to_owned();
    let write = lines.join(line_end(&text, place.start));
    let occurrence = doc.wholes(&expect).iter().position(|start| *start == place.start).unwrap_or_default();
    Edit { doc: doc.id().clone(), change: Change::Rewrite { expect, write, occurrence } }
}

/// The end of the last line of a list item, its nested and wrapped lines included.
fn block_end(text: &str, offset: usize) -> usize {
    let mut end = content_end(text, offset);
    loop {
        let behind = &text[end..];
        let terminator = ["\r\n", "\n", "\r"].into_iter().find(|mark| behind.starts_with(mark)).unwrap_or_default();
        let next = end + terminator.len();
        let line = &text[next..content_end(text, next)];
        if terminator.is_empty() || line.trim().is_empty() || !line.starts_with([' ', '\t']) {
            return end;
        }
        end = content_end(text, next);
    }
}

/// Demands that the edits make the document what is wanted, and that what takes them back gives the first bytes again.
#[cfg(test)]
#[track_caller]
fn written_and_back(doc: &Arc<Document>, edits: Vec<Edit>, want: &str) {
    use crate::op::{Mode, plan};
    let intent = Intent { verb: String::new(), summary: String::new() };
    let operation = Operation { intent, edits, undoes: None };
    let planned = plan(&operation, Mode::Fresh, |_| Some(doc.clone()), |_| None).expect("a plan");
    let after = planned.files[0].after.as_ref().expect("a document");
    assert_eq!(String::from_utf8_lossy(after.bytes()), want);
    let undo = Operation { edits: planned.files[0].inverse.clone(), ..operation };
    let back = plan(&undo, Mode::Fresh, |_| Some(after.clone()), |_| None).expect("a plan");
    assert_eq!(back.files[0].after.as_ref().map(|doc| doc.bytes()), Some(doc.bytes()));
}
