//! Finishing a session from the cockpit: what is open and where it is settled, the form, the hand-off, and then the diff of
//! all that is written.

use super::App;
use crate::model::gate::evaluate::Verdict;
use crate::model::session::finish::{Ending, Finish, NotFinished};
use crate::model::session::handoff::Handoff;
use crate::model::session::open::{Go, OpenItem, OpenKind};
use crate::model::task::edit::{Conclusion, Refused};
use crate::model::toolbox::work::Landing;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Keymap;
use crate::tui::messages::Tone;
use crate::tui::overlay::{self, Overlay};
use crate::tui::pane::{
    About, Ask, Choice, ChooseSpec, Closing, ConfirmSpec, Context, FieldValue, FormField, FormSpec, Goto, PaneId,
};
use crate::workbench::Order;

/// The answer that asks for the form.
const FORM: &str = "finish";

const OUTCOME: &str = "outcome";
const SUMMARY: &str = "summary";
const LESSONS: &str = "lessons";
const TESTS: &str = "tests";
const SMOKE: &str = "smoke";
const ARTIFACTS: &str = "artifacts";
const NEXT: &str = "next";
const ANYWAY: &str = "anyway";

/// What the cockpit holds while a session is being finished.
#[derive(Debug, Default)]
pub(super) struct Finishing {
    /// The open things as they were listed; an answer names one by its place.
    listed: Vec<OpenItem>,
    /// Questions to the workbench: the ticket of the newest.
    ordered: u64,
    /// What is being shown.
    ending: Option<Box<Ending>>,
    /// The hand-off that is being shown.
    handoff: String,
}

impl App {
    /// What is open in the session, each with what settles it; then the end itself.
    pub(super) fn close_session(&mut self) -> Vec<Effect> {
        if self.view.works_by_toolbox() {
            return self.land();
        }
        let Some(log) = self.view.active_session() else {
            let start = self.keymap.hint(Context::Board, Action::StartSession);
            self.say(Tone::Plain, format!("there is no session to finish; {start} on the board starts one"));
            return Vec::new();
        };
        if self.view.session_finished() {
            let start = self.keymap.hint(Context::Board, Action::StartSession);
            let show = self.keymap.hint(Context::Everywhere, Action::HandOff);
            let text = format!(
                "{} is finished; {show} shows its hand-off, {start} on the board starts the next session",
                log.name
            );
            self.say(Tone::Plain, text);
            return Vec::new();
        }
        let title = format!("Finish {}", log.name);
        let mut items = self.view.session_open();
        // Steps are many, and most of them are one key each: they hide nothing else.
        items.sort_by_key(|item| item.kind == OpenKind::Step);
        // The end writes the timeline itself.
        let open = items.iter().filter(|item| item.settle.go != Go::Finish).count();
        let label = match open {
            0 => "Finish: nothing else is open".to_owned(),
            count => format!("Finish, although {} open", counted(count)),
        };
        let mut options = vec![Choice { key: FORM.to_owned(), label, note: String::new() }];
        options.extend(items.iter().enumerate().map(|(at, item)| {
            let (kind, keys) = settled_by(item, self.is_by_hand(item), &self.keymap);
            Choice { key: at.to_string(), label: format!("{kind}: {}", item.what.replace('\n', " ")), note: keys }
        }));
        let at = usize::from(open > 0);
        self.finishing.listed = items;
        let spec = ChooseSpec { title, options, at, about: About::Closing(Closing::Which), pane: PaneId::Log };
        self.open(Overlay::Choose(Box::new(overlay::Choose::new(spec))))
    }

    /// The end of the work on the active task, where a journal keeps it.
    fn land(&mut self) -> Vec<Effect> {
        let id = match self.view.active_task() {
            Ok(task) => task.id().into_owned(),
            Err(why) => {
                let start = self.keymap.hint(Context::Board, Action::StartSession);
                self.say(Tone::Plain, why.to_string().replace("`work start TASK`", &format!("{start} on the board")));
                return Vec::new();
            }
        };
        let field = |key: &str, label: &str, value, note: &str| FormField {
            key: key.to_owned(),
            label: label.to_owned(),
            value,
            note: note.to_owned(),
        };
        let fields = vec![
            field(SUMMARY, "Summary", FieldValue::Line(String::new()), "what was done: task, update, journal"),
            field(LESSONS, "Lessons", FieldValue::Text(String::new()), "one a line; may be empty"),
        ];
        let about = About::Closing(Closing::Land);
        let spec = FormSpec { title: format!("Land {id}"), fields, about, pane: PaneId::Log };
        self.open(Overlay::Form(Box::new(overlay::Form::new(spec))))
    }

    /// The hand-off, to be read and copied.
    pub(super) fn hand_off(&mut self) -> Vec<Effect> {
        if self.view.active_session().is_none() {
            self.say(Tone::Plain, "there is no session to hand off");
            return Vec::new();
        }
        self.finishing.ordered += 1;
        vec![Effect::Order(Order::Handoff { ticket: self.finishing.ordered })]
    }

    /// A question on the way to the end was answered.
    pub(super) fn answered_closing(&mut self, asked: &Closing, text: &str) -> Vec<Effect> {
        match asked {
            Closing::Which if text == FORM => {
                let spec = self.finish_form();
                self.open(Overlay::Form(Box::new(overlay::Form::new(spec))))
            }
            Closing::Which => {
                self.overlays.pop();
                let item = text.parse().ok().and_then(|at: usize| self.finishing.listed.get(at)).cloned();
                item.map_or_else(Vec::new, |item| self.go_and_settle(&item))
            }
            Closing::Form | Closing::Land => Vec::new(),
            Closing::Shown => {
                let Some(ending) = self.finishing.ending.take() else { return Vec::new() };
                // The dialog that showed it goes; the form stays below the diff.
                self.overlays.pop();
                self.copying = "the hand-off".to_owned();
                let mut effects = vec![Effect::Copy(ending.handoff.text())];
                effects.extend(self.preview(ending.operation, ending.warnings));
                effects
            }
            Closing::Reset(name) => match self.view.session_reset(name, text, self.now) {
                Ok(operation) => self.preview(operation, Vec::new()),
                Err(why) => {
                    self.overlays.pop();
                    self.say(Tone::Bad, why.to_string());
                    Vec::new()
                }
            },
            Closing::HandOff => {
                self.overlays.pop();
                self.copying = "the hand-off".to_owned();
                vec![Effect::Copy(std::mem::take(&mut self.finishing.handoff))]
            }
        }
    }

    /// Goes where an open thing is settled.
    /// Whether it is a gate that only a person can judge.
    fn is_by_hand(&self, item: &OpenItem) -> bool {
        let Go::Gate(id) = &item.settle.go else { return false };
        let judged = self.view.gates.judged.iter().find(|one| one.clause.id == *id);
        judged.is_some_and(|one| one.verdict == Verdict::Manual)
    }

    fn go_and_settle(&mut self, item: &OpenItem) -> Vec<Effect> {
        match &item.settle.go {
            Go::Step(step) => self.go(&Goto::Step(step.clone())),
            Go::Gate(id) => self.go(&Goto::Gate(id.clone())),
            Go::Log { line } => {
                let doc = self.view.active_session().map(|log| log.doc.clone());
                doc.map_or_else(Vec::new, |doc| self.go(&Goto::Document { doc, line: *line }))
            }
            Go::Output => {
                let output = self.view.run.as_ref().map(|run| run.output.clone());
                output.map_or_else(Vec::new, |output| self.go(&Goto::Log(output)))
            }
            Go::Sync { task } => self.go(&Goto::Filter { pane: PaneId::Sync, text: format!("id:{task}") }),
            Go::Plan => {
                self.focus_on(PaneId::Log);
                self.act(Action::LogPlan)
            }
            Go::Override(name) => {
                let ask = Ask {
                    about: About::Closing(Closing::Reset(name.clone())),
                    title: format!("{name} is put back"),
                    context: String::new(),
                    hint: "What shows it? Goes into the log".to_owned(),
                    may_be_empty: false,
                };
                self.open(Overlay::Input(Box::new(overlay::Input::new(PaneId::Log, ask))))
            }
            Go::Finish => self.answered_closing(&Closing::Which, FORM),
        }
    }

    fn finish_form(&self) -> FormSpec {
        let field = |key: &str, label: &str, value, note: &str| FormField {
            key: key.to_owned(),
            label: label.to_owned(),
            value,
            note: note.to_owned(),
        };
        let line = || FieldValue::Line(String::new());
        let outcomes = ["Done", "Blocked", "In progress"].map(str::to_owned).to_vec();
        let mut fields = vec![
            field(
                OUTCOME,
                "Outcome",
                FieldValue::Choice { options: outcomes, at: 0 },
                "how the task stands after this session",
            ),
            field(SUMMARY, "Summary", line(), "what was done, in one line: it goes into timeline, notes and log"),
            field(TESTS, "Unit tests", line(), "the last recorded test run when empty; say so if none applies"),
            field(SMOKE, "Smoke run", line(), "the last other recorded command when empty"),
            field(
                ARTIFACTS,
                "Artifacts",
                FieldValue::Text(String::new()),
                "numbers and files, one a line; those of the log when empty",
            ),
            field(NEXT, "Next step", line(), "the follow-ups, or the proposed task, when empty"),
        ];
        let open: Vec<&OpenItem> = self.finishing.listed.iter().filter(|item| item.settle.go != Go::Finish).collect();
        if !open.is_empty() {
            let note = format!("although {} open; the log lists it", counted(open.len()));
            fields.push(field(ANYWAY, "Anyway", FieldValue::Check(false), &note));
        }
        let title = self.view.active_session().map_or_else(String::new, |log| format!("Finish {}", log.name));
        FormSpec { title, fields, about: About::Closing(Closing::Form), pane: PaneId::Log }
    }

    /// The form was filled in: what comes of it is asked for, because git is asked too.
    pub(super) fn filled_closing(&mut self, values: &[(String, FieldValue)]) -> Vec<Effect> {
        let text = |key: &str| {
            values.iter().find(|(own, _)| own == key).map_or("", |(_, value)| value.text()).trim().to_owned()
        };
        if self.view.works_by_toolbox() {
            let lessons = text(LESSONS).lines().map(|line| line.trim().to_owned()).collect();
            return match self.view.land_work(&Landing { summary: text(SUMMARY), lessons }, self.now) {
                Ok(operation) => self.preview(operation, Vec::new()),
                Err(why) => {
                    self.refuse(&why.to_string());
                    Vec::new()
                }
            };
        }
        let wanted = Finish {
            outcome: match text(OUTCOME).as_str() {
                "Done" => Conclusion::Done,
                "Blocked" => Conclusion::Blocked,
                _ => Conclusion::Open,
            },
            summary: text(SUMMARY),
            next: text(NEXT),
            artifacts: text(ARTIFACTS)
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            tests: text(TESTS),
            smoke: text(SMOKE),
            day: Some(self.today()),
            anyway: text(ANYWAY) == "yes",
        };
        self.finishing.ordered += 1;
        vec![Effect::Order(Order::Finish { ticket: self.finishing.ordered, wanted })]
    }

    /// The workbench says what would finish the session: the hand-off is shown, or the form says why not.
    pub(super) fn finishing(&mut self, ticket: u64, result: &Result<Box<Ending>, NotFinished>) {
        let is_form = |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if form.about() == &About::Closing(Closing::Form));
        if ticket != self.finishing.ordered || !self.overlays.last().is_some_and(is_form) {
            return;
        }
        match result {
            Ok(ending) => {
                let mut notes: Vec<(String, String)> =
                    ending.warnings.iter().map(|warning| ("note".to_owned(), warning.clone())).collect();
                notes.extend(ending.open.iter().map(|item| ("open".to_owned(), item.what.clone())));
                let spec = ConfirmSpec {
                    title: "Hand-off".to_owned(),
                    what: ending.handoff.text(),
                    notes,
                    yes: "copies it, and shows all that is written".to_owned(),
                    answer: String::new(),
                    about: About::Closing(Closing::Shown),
                    pane: PaneId::Log,
                };
                self.finishing.ending = Some(ending.clone());
                self.overlays.push(Overlay::Confirm(Box::new(overlay::Confirm::new(spec))));
            }
            Err(NotFinished::Open(items)) => {
                let first = items.first().map_or("", |item| item.what.trim_end_matches('.'));
                let why = format!(
                    "still open: {first}{}; settle it (esc, then C lists it), or tick `Anyway`",
                    if items.len() > 1 { format!(", and {} more", items.len() - 1) } else { String::new() }
                );
                self.refuse(&why);
            }
            Err(NotFinished::Refused(why)) => self.refuse(&why.to_string()),
        }
    }

    /// The hand-off that was asked for.
    pub(super) fn handed_off(&mut self, ticket: u64, result: &Result<Handoff, Refused>) {
        if ticket != self.finishing.ordered {
            return;
        }
        match result {
            Ok(handoff) => {
                let text = handoff.text();
                let open = if self.view.session_finished() { "" } else { " so far" };
                let spec = ConfirmSpec {
                    title: format!("Hand-off{open}"),
                    what: text.clone(),
                    notes: Vec::new(),
                    yes: "copies it".to_owned(),
                    answer: String::new(),
                    about: About::Closing(Closing::HandOff),
                    pane: PaneId::Log,
                };
                self.finishing.handoff = text;
                self.overlays.push(Overlay::Confirm(Box::new(overlay::Confirm::new(spec))));
            }
            Err(why) => self.say(Tone::Bad, why.to_string()),
        }
    }
}

/// What kind of thing is open, and the keys that settle it where the choice leads.
fn settled_by(item: &OpenItem, by_hand: bool, keymap: &Keymap) -> (&'static str, String) {
    let key = |context, action| keymap.hint(context, action);
    match item.kind {
        OpenKind::Running => ("Running", format!("{} ends it", key(Context::Everywhere, Action::EndCommand))),
        OpenKind::Step => {
            let [tick, note, na] = [Action::Tick, Action::TickWithNote, Action::NotApplicable]
                .map(|action| key(Context::Checklist, action));
            ("Step", format!("{tick}, {note} or {na}"))
        }
        OpenKind::Plan => ("Plan", "enter edits it".to_owned()),
        OpenKind::Placeholder => ("Log", format!("{} edits it", key(Context::Log, Action::Editor))),
        OpenKind::Gate => {
            // What telemetry judges nobody signs off.
            let (block, sign) = (key(Context::Gates, Action::BlockTask), key(Context::Gates, Action::SignOff));
            let keys = if by_hand { format!("{sign} signs off") } else { format!("{block} blocks a task") };
            ("Gate", keys)
        }
        OpenKind::Override => ("Override", "enter settles it".to_owned()),
        OpenKind::Docsync => ("Sync", format!("{} mends it", key(Context::Sync, Action::Mend))),
        OpenKind::Timeline => ("Timeline", "written by the end".to_owned()),
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "one thing is".to_owned() } else { format!("{count} things are") }
}
