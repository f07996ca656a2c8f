//! Running commands from the cockpit: one is chosen, filled in, shown to the letter, confirmed, and then followed in the Log.

use std::collections::BTreeMap;
use std::time::Duration;

use super::App;
use crate::model::runbook::Command;
use crate::model::runbook::placeholder::Kind;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::messages::Tone;
use crate::tui::overlay::{self, Overlay};
use crate::tui::pane::{
    About, Ask, Asked, Choice, ChooseSpec, ConfirmSpec, Context, FieldValue, FormField, FormSpec, Goto, PaneId,
};
use crate::workbench::command::{Prepared, Wanted, Why};
use crate::workbench::{Order, Outcome};

/// Tickets of commands begin here: those of writes never come so far.
const TICKETS: u64 = 1 << 63;

/// The answer that asks for a line to be typed.
const TYPED: &str = "typed";

/// What a switch is when nobody chose.
const LEFT_OUT: &str = "left out";

/// What the cockpit knows of commands beyond what the view shows.
#[derive(Debug, Default)]
pub(super) struct Commands {
    /// What is being confirmed.
    shown: Option<Box<Prepared>>,
    /// Commands that were ever ordered.
    ordered: u64,
    /// The command that was ordered is to be followed in the Log as soon as it runs.
    follows: bool,
}

impl App {
    /// The commands that a step names: the only one at once, of several the first one selected among all.
    pub(super) fn offer_commands(&mut self, numbers: &[usize]) -> Vec<Effect> {
        let before = self.overlays.len();
        let effects = self.choose_command(numbers.first().copied());
        match numbers {
            [only] if self.overlays.len() > before => self.answered_command(&Asked::Which, &only.to_string()),
            _ => effects,
        }
    }

    /// The commands of the runbook, to choose from; the command with this number is selected first.
    pub(super) fn choose_command(&mut self, first: Option<usize>) -> Vec<Effect> {
        if let Some(run) = self.view.run.as_ref().filter(|run| run.end.is_none()) {
            let key = self.keymap.hint(Context::Everywhere, Action::EndCommand);
            let text = format!("`{}` is still running; {key} ends it", run.line);
            self.say(Tone::Plain, text);
            return Vec::new();
        }
        if self.view.active_session().is_none() {
            let key = self.keymap.hint(Context::Board, Action::StartSession);
            let text = match self.view.works_by_toolbox() {
                true => "a command is recorded in a session's log, and this workspace has none; run it in a shell"
                    .to_owned(),
                false => {
                    format!("a command is recorded in a session's log: start a session first ({key} on the board)")
                }
            };
            self.say(Tone::Plain, text);
            return Vec::new();
        }
        let (book, level) = (&self.view.runbook, self.view.level());
        let dot = self.theme.symbols.dot;
        let option = |command: &Command| {
            let need = book.need(command, &self.view.autonomy);
            let above = if need.level > level { "needs " } else { "" };
            let text = command.text.lines().next().unwrap_or_default();
            let label =
                if command.task.is_empty() { text.to_owned() } else { format!("{} {dot} {text}", command.task) };
            Choice { key: command.number.to_string(), label, note: format!("{above}{}", need.level) }
        };
        let mut options: Vec<Choice> = book.commands.iter().map(option).collect();
        let at = first.and_then(|number| book.commands.iter().position(|one| one.number == number)).unwrap_or(0);
        let note = "level by what it does".to_owned();
        options.push(Choice { key: TYPED.to_owned(), label: "Another command, typed".to_owned(), note });
        let title = "Run a command".to_owned();
        let spec = ChooseSpec { title, options, at, about: About::Command(Asked::Which), pane: PaneId::Log };
        self.open(Overlay::Choose(Box::new(overlay::Choose::new(spec))))
    }

    /// Ends the command that runs, once that is confirmed.
    pub(super) fn end_command(&mut self) -> Vec<Effect> {
        let Some(run) = self.view.run.as_ref().filter(|run| run.end.is_none()) else {
            self.say(Tone::Plain, "no command is running");
            return Vec::new();
        };
        let since = run.started.format("%H:%M:%S").to_string();
        let spec = ConfirmSpec {
            title: "End this command?".to_owned(),
            what: run.line.clone(),
            notes: vec![
                ("since".to_owned(), since),
                ("how".to_owned(), "it and all that it started are asked to end, and killed after 2 s".to_owned()),
            ],
            yes: "ends it".to_owned(),
            answer: String::new(),
            about: About::Command(Asked::End),
            pane: PaneId::Log,
        };
        self.open(Overlay::Confirm(Box::new(overlay::Confirm::new(spec))))
    }

    /// A question on the way to a command was answered.
    pub(super) fn answered_command(&mut self, asked: &Asked, text: &str) -> Vec<Effect> {
        match asked {
            Asked::Which if text == TYPED => {
                let ask = Ask {
                    about: About::Command(Asked::Line),
                    title: "Run a command line".to_owned(),
                    context: String::new(),
                    hint: "as the shell gets it; it is shown with its level before it runs".to_owned(),
                    may_be_empty: false,
                };
                self.open(Overlay::Input(Box::new(overlay::Input::new(PaneId::Log, ask))))
            }
            Asked::Which => {
                let command = text.parse().ok().and_then(|number: usize| {
                    self.view.runbook.commands.iter().find(|command| command.number == number)
                });
                match command {
                    Some(command) if command.placeholders.is_empty() => {
                        let number = command.number;
                        self.show_command(Wanted::Listed { number, values: BTreeMap::new() })
                    }
                    Some(command) => {
                        let spec = form(command);
                        self.open(Overlay::Form(Box::new(overlay::Form::new(spec))))
                    }
                    None => {
                        self.overlays.pop();
                        self.say(Tone::Bad, "the runbook was changed; choose again");
                        Vec::new()
                    }
                }
            }
            Asked::Line => self.show_command(Wanted::Typed(text.to_owned())),
            Asked::Values(_) => Vec::new(),
            Asked::Run => {
                self.close_all_drafts();
                let Some(prepared) = self.commands.shown.take().filter(|prepared| prepared.digest == text) else {
                    self.say(Tone::Bad, "nothing was run: what was confirmed is not what was shown; choose it again");
                    return Vec::new();
                };
                self.commands.ordered += 1;
                self.commands.follows = true;
                self.say(Tone::Plain, "started");
                vec![Effect::Order(Order::Run { ticket: TICKETS + self.commands.ordered, prepared })]
            }
            Asked::End => {
                self.close_all_drafts();
                self.say(Tone::Plain, "ending it");
                vec![Effect::Order(Order::CancelRun)]
            }
        }
    }

    /// The values of a command were filled in.
    pub(super) fn filled_command(&mut self, asked: &Asked, values: &[(String, FieldValue)]) -> Vec<Effect> {
        let Asked::Values(number) = asked else { return Vec::new() };
        let given = values.iter().filter_map(|(name, value)| {
            let text = match value {
                FieldValue::Check(false) | FieldValue::Fixed(_) => return None,
                FieldValue::Choice { at: 0, options } if options.first().is_some_and(|first| first == LEFT_OUT) => {
                    return None;
                }
                value => value.text().trim().to_owned(),
            };
            Some((name.clone(), text)).filter(|(_, text)| !text.is_empty())
        });
        let wanted = Wanted::Listed { number: *number, values: given.collect() };
        self.show_command(wanted)
    }

    /// Shows a command to the letter, with what it needs. A draft below says why it cannot be shown.
    fn show_command(&mut self, wanted: Wanted) -> Vec<Effect> {
        match self.view.prepare(wanted, None, self.now) {
            Ok(prepared) => {
                let spec = confirmation(&prepared);
                self.commands.shown = Some(Box::new(prepared));
                self.open(Overlay::Confirm(Box::new(overlay::Confirm::new(spec))))
            }
            Err(why) => {
                let (text, raises) = (why.to_string(), self.raises_level());
                match (&why, self.overlays.last_mut()) {
                    (Why::Asked(_), Some(form @ Overlay::Form(_))) => form.refuse(&text),
                    // A refusal explains itself, which takes more than a line.
                    (Why::Level(_) | Why::Here(_) | Why::Asked(_), _) => {
                        let mut paragraphs = vec![text];
                        if matches!(why, Why::Level(_)) {
                            paragraphs.push(raises);
                        }
                        self.overlays.push(Overlay::Message(overlay::Message::new("Not run", paragraphs)));
                    }
                }
                Vec::new()
            }
        }
    }

    /// Which key takes a session to a higher level.
    pub(super) fn raises_level(&self) -> String {
        let key = self.keymap.hint(Context::Everywhere, Action::Level);
        format!("{key} raises the level of the session.")
    }

    /// A command that was ordered runs now: the Log follows its output.
    pub(super) fn follow_command(&mut self) -> Vec<Effect> {
        let Some(output) = self.view.run.as_ref().filter(|_| self.commands.follows).map(|run| run.output.clone())
        else {
            return Vec::new();
        };
        self.commands.follows = false;
        self.go(&Goto::Log(output))
    }

    /// A command has ended and stands in the log, or was refused; false when the ticket is that of a write.
    pub(super) fn ran(&mut self, ticket: u64, outcome: &Outcome) -> bool {
        if ticket < TICKETS {
            return false;
        }
        self.commands.follows = false;
        self.messages.pending += 1;
        // A record is a line that is added: there is nothing to be in conflict with.
        let _ = self.messages.answered(outcome.clone());
        if let (Outcome::Done { .. }, Some(run)) = (outcome, &self.view.run)
            && let Some((end, took)) = &run.end
        {
            let decisive = run.decisive.first().map_or_else(String::new, |line| format!(": {line}"));
            let tone = if end.is_good() { Tone::Good } else { Tone::Bad };
            let text = format!("{}{decisive} (in the log)", end.said(*took));
            self.say(tone, text);
        }
        true
    }

    /// What was on the way is done: every draft goes.
    fn close_all_drafts(&mut self) {
        self.close_drafts(self.overlays.len());
    }
}

/// The form for a command's placeholders: what has to be given first.
fn form(command: &Command) -> FormSpec {
    let mut fields = vec![FormField {
        key: String::new(),
        label: "Command".to_owned(),
        value: FieldValue::Fixed(command.text.clone()),
        note: String::new(),
    }];
    let mut open: Vec<_> = command.placeholders.iter().collect();
    open.sort_by_key(|one| one.optional);
    fields.extend(open.into_iter().map(|one| {
        let value = match &one.kind {
            Kind::Value => FieldValue::Line(String::new()),
            Kind::Switch => FieldValue::Check(false),
            Kind::Choice(words) => {
                let left_out = one.optional.then(|| LEFT_OUT.to_owned());
                FieldValue::Choice { options: left_out.into_iter().chain(words.iter().cloned()).collect(), at: 0 }
            }
        };
        let note = match (&one.kind, one.optional) {
            (Kind::Switch, _) => one.text.clone(),
            (_, true) => format!("{}; may stay empty", one.text),
            (_, false) => format!("{}; has to be given", one.text),
        };
        FormField { key: one.name.clone(), label: one.name.clone(), value, note }
    }));
    let title = if command.task.is_empty() { "Fill in the command".to_owned() } else { command.task.clone() };
    FormSpec { title, fields, about: About::Command(Asked::Values(command.number)), pane: PaneId::Log }
}

/// All that the operator has to know before he says yes.
fn confirmation(prepared: &Prepared) -> ConfirmSpec {
    let need = &prepared.need;
    let said = |label: &str, text: String| (label.to_owned(), text);
    let mut notes = Vec::new();
    if !prepared.task.is_empty() {
        notes.push(said("for", prepared.task.clone()));
    }
    notes.extend(prepared.place.iter().map(|place| said("from", place.clone())));
    notes.push(said(
        "needs",
        format!("{}: {} ({}); the session is at {}", need.level, need.why, need.place(), prepared.level),
    ));
    if !prepared.overrides.is_empty() {
        notes.push(said("overrides", prepared.overrides.join(", ")));
    }
    notes.push(said("shell", prepared.shell.join(" ")));
    notes.push(said("folder", prepared.folder.display().to_string()));
    notes.push(said("limit", limit(prepared.limit)));
    if !prepared.without.is_empty() {
        notes.push(said("without", prepared.without.join(", ")));
    }
    notes.push(said("output", prepared.output.to_string()));
    notes.push(said("record", prepared.log.to_string()));
    ConfirmSpec {
        title: "Run this command?".to_owned(),
        what: prepared.line.clone(),
        notes,
        yes: "runs it".to_owned(),
        answer: prepared.digest.clone(),
        about: About::Command(Asked::Run),
        pane: PaneId::Log,
    }
}

fn limit(limit: Duration) -> String {
    match (limit.as_secs() / 60, limit.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
