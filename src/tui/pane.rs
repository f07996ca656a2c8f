//! The `Pane` trait: one part of the screen, its own state, and how it meets the rest.
//!
//! A pane owns selection, scroll offset and filter. It sees the world through [`Cx`], which holds the newest view and
//! the area that the pane has on the screen, so that `act` can keep the selection visible and `draw` mutates nothing.
//! The app draws border, title and filter line; the pane draws inside.
//!
//! Order of calls: `fit` after every change of the area, `refresh` after every new view, `hear` for every report that
//! is not a view and that the pane listens to, `act`/`click`/`wheel` for the operator, `draw` as often as needed.

mod ask;
pub mod board;
pub mod checklist;
mod detail;
pub mod docs;
pub mod gates;
pub mod history;
pub mod log;
pub mod prompt;
pub mod repair;
mod split;
pub mod sync;
pub mod timeline;
pub mod tracks;

#[cfg(test)]
pub(crate) mod stage;

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDateTime;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::action::Action;
use super::effect::Effect;
use super::keymap::Keymap;
use super::theme::Theme;
use super::unread::Lines;
use crate::doc::DocId;
use crate::model::checklist::StepId;
use crate::model::query::{FieldName, Query};
use crate::op::Operation;
use crate::workbench::{Report, View};

pub use ask::{
    About, Ask, Asked, Choice, ChooseSpec, Closing, ConfirmSpec, Current, EditorSpec, FieldValue, FormField, FormSpec,
    JobAsked,
};

/// The panes, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PaneId {
    /// 1
    Checklist,
    /// 2
    Board,
    /// 3
    Timeline,
    /// 4
    Gates,
    /// 5
    Log,
    /// 6
    Backlog,
    /// 7
    Sync,
    /// 8
    Docs,
    /// 9
    History,
    /// 0
    Prompt,
    /// Without a number.
    Tracks,
}

impl PaneId {
    /// All panes in the order of their numbers.
    pub const ALL: [PaneId; 11] = [
        PaneId::Checklist,
        PaneId::Board,
        PaneId::Timeline,
        PaneId::Gates,
        PaneId::Log,
        PaneId::Backlog,
        PaneId::Sync,
        PaneId::Docs,
        PaneId::History,
        PaneId::Prompt,
        PaneId::Tracks,
    ];

    /// What stands before the name on the pane's tab: its number, or the key of those that have none.
    pub fn sign(self) -> &'static str {
        match self {
            PaneId::Checklist => "1",
            PaneId::Board => "2",
            PaneId::Timeline => "3",
            PaneId::Gates => "4",
            PaneId::Log => "5",
            PaneId::Backlog => "6",
            PaneId::Sync => "7",
            PaneId::Docs => "8",
            PaneId::History => "9",
            PaneId::Prompt => "0",
            PaneId::Tracks => "T",
        }
    }

    /// A short word, for tabs in narrow terminals.
    pub fn short_name(self) -> &'static str {
        match self {
            PaneId::Checklist => "Check",
            PaneId::Board => "Board",
            PaneId::Timeline => "Time",
            PaneId::Gates => "Gates",
            PaneId::Log => "Log",
            PaneId::Docs => "Docs",
            PaneId::History => "Hist",
            PaneId::Tracks => "Trk",
            PaneId::Backlog => "Back",
            PaneId::Sync => "Sync",
            PaneId::Prompt => "Pr",
        }
    }

    /// The word on the pane's tab.
    pub fn name(self) -> &'static str {
        match self {
            PaneId::Checklist => "Checklist",
            PaneId::Board => "Board",
            PaneId::Timeline => "Timeline",
            PaneId::Gates => "Gates",
            PaneId::Log => "Log",
            PaneId::Docs => "Docs",
            PaneId::History => "History",
            PaneId::Tracks => "Tracks",
            PaneId::Backlog => "Backlog",
            PaneId::Sync => "Sync",
            PaneId::Prompt => "Prompt",
        }
    }
}

/// Which part of the keymap applies. A key means what the focused pane's context says, else what `Everywhere` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// In every pane.
    Everywhere,
    /// In Checklist.
    Checklist,
    /// In Board and Backlog.
    Board,
    /// In Timeline.
    Timeline,
    /// In Log.
    Log,
    /// In Docs.
    Docs,
    /// In History.
    History,
    /// In Sync.
    Sync,
    /// In Gates.
    Gates,
    /// In Prompt.
    Prompt,
    /// In Tracks.
    Tracks,
    /// In the conflict dialog.
    Conflict,
}

impl Context {
    /// All contexts, in the order of help and manual.
    pub const ALL: [Context; 12] = [
        Context::Checklist,
        Context::Board,
        Context::Timeline,
        Context::Gates,
        Context::Log,
        Context::Sync,
        Context::Docs,
        Context::History,
        Context::Prompt,
        Context::Tracks,
        Context::Conflict,
        Context::Everywhere,
    ];
}

/// What a pane may look at.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The newest view.
    pub view: &'a Arc<View>,
    /// The lines whose rows carry a mark here: others changed them since the operator looked.
    pub unread: &'a Lines,
    /// The pane's inner area on the screen (without border and title); empty while the pane is not shown.
    pub area: Rect,
    /// Whether the pane has the focus.
    pub focused: bool,
    /// Colours and symbols.
    pub theme: &'a Theme,
    /// The keys in force, for hints.
    pub keymap: &'a Keymap,
    /// The time, for what is written with a date.
    pub now: NaiveDateTime,
    /// Who writes.
    pub who: &'a str,
}

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// The pane does not know the action here: it goes outward.
    Passed,
    /// Done; the world has to do these things (often none).
    Done(Vec<Effect>),
    /// Another pane is to be focused and to show this.
    Go(Goto),
    /// A line of text is needed; the answer comes back to [`Pane::answer`].
    Ask(Ask),
    /// A text is to be edited; what it becomes comes back to [`Pane::answer`].
    Edit(Box<EditorSpec>),
    /// A form is to be filled in; its values come back to [`Pane::filled`].
    Form(Box<FormSpec>),
    /// One of several is to be chosen; its key comes back to [`Pane::answer`].
    Choose(Box<ChooseSpec>),
    /// Something is to be done only when the operator says yes to it as it is shown.
    Confirm(Box<ConfirmSpec>),
    /// This is to be written, once the operator has seen the diff that it makes.
    Preview(Box<Operation>),
    /// These commands of the runbook are offered, by number, the best first; all of them when there is none.
    Run(Vec<usize>),
    /// This action is done next; the app knows it.
    Act(Action),
    /// As [`Flow::Preview`], with what the operator should know besides, in sentences.
    Warned(Box<Operation>, Vec<String>),
    /// Done; the status line says this until the next key.
    Say(String),
}

impl Flow {
    /// Done, and nothing else has to happen.
    pub const fn done() -> Flow {
        Flow::Done(Vec::new())
    }
}

/// Something that a pane shows on request of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goto {
    /// Docs: the document, at a 1-based line.
    Document {
        /// The document.
        doc: DocId,
        /// 1-based line; 1 is the top.
        line: usize,
    },
    /// Log: follow this document.
    Log(DocId),
    /// This pane, as it is.
    Pane(PaneId),
    /// This pane with this filter.
    Filter {
        /// The pane.
        pane: PaneId,
        /// The filter, as it is typed.
        text: String,
    },
    /// Board: select the task with this id.
    Task(String),
    /// Checklist: select this step.
    Step(StepId),
    /// Gates: select the clause with this id.
    Gate(String),
}

impl Goto {
    /// The pane that shows it.
    pub fn pane(&self) -> PaneId {
        match self {
            Goto::Document { .. } => PaneId::Docs,
            Goto::Log(_) => PaneId::Log,
            Goto::Pane(pane) | Goto::Filter { pane, .. } => *pane,
            Goto::Task(_) => PaneId::Board,
            Goto::Step(_) => PaneId::Checklist,
            Goto::Gate(_) => PaneId::Gates,
        }
    }
}

/// What is to be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clip {
    /// The id of the selected thing (task id, step text, path, operation number).
    Id,
    /// The selected row as one Markdown line.
    Row,
}

/// All panes, in the order of [`PaneId::ALL`].
pub fn all() -> Vec<Box<dyn Pane>> {
    vec![
        Box::new(checklist::ChecklistPane::default()),
        Box::new(board::Board::tasks()),
        Box::new(timeline::Timeline::default()),
        Box::new(gates::Gates::default()),
        Box::new(log::Log::default()),
        Box::new(board::Board::backlog()),
        Box::new(sync::SyncPane::default()),
        Box::new(docs::Docs::default()),
        Box::new(history::HistoryPane::default()),
        Box::new(prompt::PromptPane::default()),
        Box::new(tracks::TracksPane::default()),
    ]
}

/// One part of the screen.
pub trait Pane {
    /// Which pane it is.
    fn id(&self) -> PaneId;

    /// Which part of the keymap applies.
    fn context(&self) -> Context;

    /// Words behind the pane's name in its title, for example the document shown or `12 of 94`. Plain text of the
    /// document is allowed: the app cleans and cuts it. Should not change with the cursor.
    fn title(&self, cx: &Cx<'_>) -> String;

    /// A new view: keep the selection on the same thing (by id), not at the same position.
    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect>;

    /// The area changed: keep the selection visible.
    fn fit(&mut self, cx: &Cx<'_>);

    /// Whether the pane cares for a report other than a view; most care for none.
    fn listens_to(&self, report: &Report) -> bool {
        let _ = report;
        false
    }

    /// A report that the pane listens to.
    fn hear(&mut self, report: &Report, cx: &Cx<'_>) -> Vec<Effect> {
        let _ = (report, cx);
        Vec::new()
    }

    /// Acts, or passes outward.
    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow;

    /// A left click at this screen position inside `cx.area`; `double` when it hit the same cell as the one before.
    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow;

    /// The mouse was pressed at `from` and let go at `to`, both inside `cx.area`.
    fn drag(&mut self, from: Position, to: Position, cx: &Cx<'_>) -> Flow {
        let _ = (from, to, cx);
        Flow::Passed
    }

    /// The wheel over the pane: lines down (positive) or up. Moves the selection where there is no free scrolling.
    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect>;

    /// Another pane asks to show something; only what [`Goto::pane`] names arrives.
    fn show(&mut self, goto: &Goto, cx: &Cx<'_>) -> Vec<Effect> {
        let _ = (goto, cx);
        Vec::new()
    }

    /// The answer to a [`Flow::Ask`] (what was typed), a [`Flow::Edit`] (the new text), a [`Flow::Choose`] (the key) or a
    /// [`Flow::Confirm`].
    /// A dialog stays below what the answer opens; [`Flow::Say`] refuses a new text, and the editor stays.
    fn answer(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        let _ = (about, text, cx);
        Flow::Passed
    }

    /// The answer to a [`Flow::Form`]: each field's key with its value. [`Flow::Say`] refuses them, and the form stays
    /// with that sentence in it.
    fn filled(&mut self, about: &About, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
        let _ = (about, values, cx);
        Flow::Passed
    }

    /// What stands in the documents now for something that an editor is open on; asked after every new view.
    fn current(&self, about: &About, cx: &Cx<'_>) -> Current {
        let _ = (about, cx);
        Current::Unknown
    }

    /// The filter as it stands, empty when there is none.
    fn filter(&self) -> &str;

    /// The filter is now this (called for every typed character; empty clears it). Keeps the selection where it
    /// matches, else goes to the first match.
    fn set_filter(&mut self, text: &str, cx: &Cx<'_>);

    /// What the filter can ask of the list; none where it is text that is looked for as it is typed.
    fn fields(&self) -> Option<&'static [FieldName]>;

    /// The filter, taken apart; none where it is such text.
    fn query(&self) -> Option<&Query>;

    /// A term of the filter that means nothing, as a sentence.
    fn problem(&self) -> Option<&str> {
        self.query()?.problems().first().map(String::as_str)
    }

    /// Document and 1-based line of the selected thing, for the editor.
    fn place(&self, cx: &Cx<'_>) -> Option<(DocId, usize)>;

    /// The lines that the selected row stands for, of each of its documents.
    fn selected_lines(&self, cx: &Cx<'_>) -> Vec<(DocId, Range<usize>)> {
        self.place(cx).into_iter().map(|(doc, line)| (doc, line..line + 1)).collect()
    }

    /// The selected thing as text for the clipboard.
    fn clip(&self, what: Clip, cx: &Cx<'_>) -> Option<String>;

    /// Paints `cx.area` from state alone. Only visible rows are looked at. The area is blank before.
    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_says_which_of_its_terms_means_nothing() {
        let stage = stage::Stage::new(&[("docs/a.md", "# A\n")], 80, 24);
        for mut pane in all() {
            let (id, cx) = (pane.id(), stage.cx());
            stage.enter(&mut *pane);
            // Docs filters the list of documents, not a page.
            pane.act(Action::Library, &cx);
            let field = pane.fields().and_then(|fields| fields.iter().find(|field| field.name.len() > 3));
            pane.set_filter(&format!("{}s:x", field.map_or("state", |field| field.name)), &cx);
            let said = pane.problem().map(|said| said.contains("is no field"));
            assert_eq!(said, field.map(|_| true), "{id:?}: {:?}", pane.problem());
            pane.set_filter("", &cx);
            assert_eq!(pane.problem(), None, "{id:?}");
        }
    }
}
