//! How the app deals with its dialogs: what they answer, what opens above them, and when they go.
//!
//! The dialogs of one edit lie upon each other: what was chosen, what was typed, the diff of it. Going back takes one
//! away and finds the draft below as it was. Only when the workbench says that it is written do all of them close.

use super::App;
use crate::op::Operation;
use crate::tui::effect::Effect;
use crate::tui::messages::Tone;
use crate::tui::overlay::{self, ConflictDialog, Overlay, Reply};
use crate::tui::pane::{About, Choice, ChooseSpec, Current, Flow, Goto, PaneId};
use crate::workbench::track::online::Job;
use crate::workbench::{Order, Outcome, Request};

impl App {
    pub(super) fn reply(&mut self, reply: Reply) -> Vec<Effect> {
        match reply {
            Reply::Stay => {}
            Reply::Close => {
                self.overlays.pop();
            }
            Reply::Act(action) => {
                self.overlays.pop();
                return self.act(action);
            }
            Reply::Elsewhere(context, action) => {
                self.overlays.pop();
                let there = |pane: &PaneId| self.pane(*pane).context() == context;
                if let Some(pane) = PaneId::ALL.into_iter().find(there) {
                    self.go(&Goto::Pane(pane));
                }
                // Not done at once: it would be done to something that the operator does not see yet.
                let row = self.keymap.rows().find(|(row, _)| row.context == context && row.action == action);
                if let Some((row, keys)) = row {
                    let key = keys.first().map_or_else(|| "without a key".to_owned(), ToString::to_string);
                    let text = format!("{key} here: {}", row.title);
                    self.say(Tone::Plain, text);
                }
            }
            Reply::Answer { about: About::View, text, .. } => {
                self.overlays.pop();
                self.filtering = false;
                self.set_filter(&text);
            }
            Reply::Answer { about: About::Command(asked), text, .. } => return self.answered_command(&asked, &text),
            Reply::Answer { about: About::Job(asked), .. } => return self.answered_job(asked),
            Reply::Answer { about: About::Closing(asked), text, .. } => return self.answered_closing(&asked, &text),
            Reply::Answer { pane, about, text } => {
                let flow = self.with(pane, |pane, cx| pane.answer(&about, &text, cx));
                return self.answered(pane, flow);
            }
            Reply::Edited { pane, about, text } => {
                let flow = self.with(pane, |pane, cx| pane.answer(&about, &text, cx));
                return self.drafted(pane, flow);
            }
            Reply::Filled { about: About::Command(asked), values, .. } => return self.filled_command(&asked, &values),
            Reply::Filled { about: About::Closing(_), values, .. } => return self.filled_closing(&values),
            Reply::Filled { pane, about, values } => {
                let flow = self.with(pane, |pane, cx| pane.filled(&about, &values, cx));
                return self.drafted(pane, flow);
            }
            Reply::Commit(request) => return self.commit(request),
            Reply::Write(operation) => return self.overwrite(operation),
            Reply::Apply(plan) => return self.apply_plan(plan),
            Reply::PlanAnew => {
                self.overlays.pop();
                return self.ask_for(Job::Plan);
            }
            Reply::KeepTheirs => {
                let top = self.overlays.len().saturating_sub(1);
                if self.over_draft(top) {
                    self.close_drafts(top);
                }
                self.overlays.pop();
                self.say(Tone::Plain, "kept theirs; nothing was written");
            }
            Reply::Later => {
                let over_draft = self.over_draft(self.overlays.len().saturating_sub(1));
                if let Some(Overlay::Conflict(dialog)) = self.overlays.pop() {
                    if over_draft {
                        self.say(Tone::Plain, "nothing was written; what you typed is still here");
                    } else {
                        self.undecided.push(dialog);
                        self.say(Tone::Plain, "nothing was written; ! brings the conflict back");
                    }
                }
            }
            Reply::Quit => {
                self.overlays.pop();
                return if self.stays_for_job() { Vec::new() } else { vec![Effect::Quit] };
            }
        }
        Vec::new()
    }

    /// Offers the saved views; the chosen one becomes the filter of the focused pane.
    pub(super) fn views(&mut self) {
        let pane = self.stage.focus;
        let shown = self.pane(pane).filter();
        let own = pane.name().to_lowercase();
        // The backlog is the board, cut to what stands in the backlog.
        let lists = if pane == PaneId::Backlog { vec![&own[..], "board"] } else { vec![&own[..]] };
        let views = lists.iter().flat_map(|list| self.view.config.views_of(list));
        let option = |(name, filter): (&str, &str)| Choice {
            key: filter.to_owned(),
            label: name.to_owned(),
            note: filter.to_owned(),
        };
        let mut options: Vec<Choice> = views.map(option).collect();
        if options.is_empty() {
            let text = format!(
                "no views are saved for this pane; under [views] in codex-tui.toml: \"{own}/NAME\" = \"FILTER\""
            );
            self.say(Tone::Plain, text);
            return;
        }
        if !shown.is_empty() {
            options.push(Choice { key: String::new(), label: "everything".to_owned(), note: "no filter".to_owned() });
        }
        let at = options.iter().position(|option| option.key == shown).unwrap_or(0);
        let title = format!("Saved views of {}", pane.name());
        let spec = ChooseSpec { title, options, at, about: About::View, pane };
        self.overlays.push(Overlay::Choose(Box::new(overlay::Choose::new(spec))));
    }

    /// A question or a choice was answered: its dialog goes, unless another opens above it.
    fn answered(&mut self, pane: PaneId, flow: Flow) -> Vec<Effect> {
        match &flow {
            Flow::Ask(_)
            | Flow::Edit(_)
            | Flow::Form(_)
            | Flow::Choose(_)
            | Flow::Confirm(_)
            | Flow::Preview(_)
            | Flow::Warned(..) => {}
            Flow::Done(_) | Flow::Told(..) | Flow::Go(_) | Flow::Run(_) | Flow::Act(_) => {
                self.close_drafts(self.overlays.len())
            }
            Flow::Say(why) if self.overlays.last().is_some_and(Overlay::has_draft) => {
                // What was typed stays, with what is wrong with it.
                self.refuse(why);
                return Vec::new();
            }
            Flow::Say(_) | Flow::Passed => {
                self.overlays.pop();
            }
        }
        self.flow(pane, flow, None)
    }

    /// A text or a form was handed in: a sentence refuses it, and it stays.
    fn drafted(&mut self, pane: PaneId, flow: Flow) -> Vec<Effect> {
        let why = match flow {
            Flow::Say(why) => why,
            Flow::Passed => "this cannot be written from here".to_owned(),
            flow => return self.answered(pane, flow),
        };
        self.refuse(&why);
        Vec::new()
    }

    /// Says in the top dialog why what was handed in is refused; above it, where it leaves no room to read that.
    pub(super) fn refuse(&mut self, why: &str) {
        let area = self.dialog_area();
        match self.overlays.last_mut() {
            Some(top) if top.has_room_for(why, area) => top.refuse(why),
            Some(_) => {
                let message = overlay::Message::new("Not written", vec![why.to_owned()]);
                self.overlays.push(Overlay::Message(message));
            }
            None => {}
        }
    }

    /// Shows what an operation would write; nothing is written yet.
    pub(super) fn preview(&mut self, operation: Operation, notes: Vec<String>) -> Vec<Effect> {
        self.previews += 1;
        let ticket = self.previews;
        let over_draft = self.overlays.last().is_some_and(Overlay::is_draft);
        let typed = self.overlays.last().is_some_and(Overlay::has_draft);
        let diff = overlay::Diff::new(operation.clone(), ticket, over_draft).over_typed(typed).noted(notes);
        self.overlays.push(Overlay::Diff(Box::new(diff)));
        vec![Effect::Order(Order::Preview { ticket, operation })]
    }

    /// The diff that was asked for.
    pub(super) fn previewed(&mut self, ticket: u64, result: &Result<String, Outcome>) {
        let shown = |overlay: &Overlay| matches!(overlay, Overlay::Diff(diff) if diff.expects(ticket));
        let Some(at) = self.overlays.iter().position(shown) else { return };
        let Overlay::Diff(diff) = &mut self.overlays[at] else { return };
        if let Some((conflicts, mine)) = diff.learn(result) {
            // Nothing would be written: the question is the same as after an attempt.
            self.overlays.remove(at);
            self.put_conflict(at, ConflictDialog::new(conflicts, mine));
        }
    }

    /// Writes what the diff on top shows. With a draft below, the dialogs stay until it is known what came of it.
    fn commit(&mut self, request: Request) -> Vec<Effect> {
        let ticket = self.next_ticket();
        let top = self.overlays.len().saturating_sub(1);
        if !self.over_draft(top) {
            self.overlays.pop();
        } else if let Some(Overlay::Diff(diff)) = self.overlays.last_mut() {
            diff.write(ticket);
        }
        vec![Effect::Do(request)]
    }

    /// Writes mine over theirs; the conflict is on top. Many rows are confirmed in the diff.
    fn overwrite(&mut self, operation: Operation) -> Vec<Effect> {
        self.overlays.pop();
        if operation.removes_many() && operation.undoes.is_none() {
            return self.preview(operation, Vec::new());
        }
        if self.overlays.last().is_some_and(Overlay::is_draft) {
            let mut diff = overlay::Diff::new(operation.clone(), 0, true);
            diff.write(self.next_ticket());
            self.overlays.push(Overlay::Diff(Box::new(diff)));
        }
        vec![Effect::Do(Request::Commit(operation))]
    }

    /// A write was answered.
    pub(super) fn written(&mut self, ticket: u64, outcome: &Outcome) {
        let waits = |overlay: &Overlay| matches!(overlay, Overlay::Diff(diff) if diff.waits() == Some(ticket));
        let waiting = self.overlays.iter().position(waits);
        let conflict = self.messages.answered(outcome.clone());
        let Some(at) = waiting else {
            if let Some(dialog) = conflict {
                // Below what is open: a dialog must not catch keys that were meant for another.
                self.put_conflict(0, dialog);
            }
            return;
        };
        self.overlays.remove(at);
        match outcome {
            Outcome::Done { .. } | Outcome::Unchanged { .. } => self.close_drafts(at),
            Outcome::Conflict { .. } => {
                if let Some(dialog) = conflict {
                    self.put_conflict(at, dialog);
                }
            }
            Outcome::Refused { message }
            | Outcome::Forbidden { message, .. }
            | Outcome::Damaged { message }
            | Outcome::Failed { message } => {
                if at == self.overlays.len() {
                    self.refuse(message);
                } else if let Some(draft) = at.checked_sub(1).and_then(|below| self.overlays.get_mut(below)) {
                    draft.refuse(message);
                }
            }
        }
    }

    fn put_conflict(&mut self, at: usize, mut dialog: ConflictDialog) {
        dialog.over_draft = self.over_draft(at);
        self.overlays.insert(at, Overlay::Conflict(dialog));
    }

    /// Whether a draft lies directly below this place of the stack.
    fn over_draft(&self, at: usize) -> bool {
        at.checked_sub(1).and_then(|below| self.overlays.get(below)).is_some_and(Overlay::is_draft)
    }

    /// Closes the drafts that lie directly below this place of the stack.
    pub(super) fn close_drafts(&mut self, at: usize) {
        let first = self.overlays[..at].iter().rposition(|overlay| !overlay.is_draft()).map_or(0, |other| other + 1);
        self.overlays.drain(first..at);
    }

    /// The documents may have changed under what is open: editors and forms learn what stands there now, diffs are made again.
    pub(super) fn recheck(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for at in 0..self.overlays.len() {
            if let Overlay::Editor(editor) = &self.overlays[at] {
                let (pane, about) = (editor.pane(), editor.about().clone());
                let now = self.pane(pane).current(&about, &self.cx(pane));
                if let Overlay::Editor(editor) = &mut self.overlays[at] {
                    editor.refresh(&now);
                }
            } else if let Overlay::Form(form) = &self.overlays[at] {
                let (pane, cx) = (self.pane(form.pane()), self.cx(form.pane()));
                let now = |part: Option<About>| part.map_or(Current::Unknown, |part| pane.current(&part, &cx));
                let now: Vec<Current> = form.parts().into_iter().map(now).collect();
                if let Overlay::Form(form) = &mut self.overlays[at] {
                    form.refresh(&now);
                }
            } else if let Overlay::Diff(diff) = &mut self.overlays[at]
                && diff.waits().is_none()
            {
                self.previews += 1;
                let operation = diff.again(self.previews);
                effects.push(Effect::Order(Order::Preview { ticket: self.previews, operation }));
            }
        }
        effects
    }

    /// The number of the write that is ordered next.
    fn next_ticket(&self) -> u64 {
        self.ordered + 1
    }
}
