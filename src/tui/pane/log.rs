//! Log: follows a session log, or any other file, as it grows; and beside it what the agent does.
//!
//! ```text
//! ┌ Log · docs/agents/sessions/2026-01-02_session-0003.md · following ┐
//! │  - 2026-01-02 10:12 ran the pipeline                              │
//! │  [truncated: starts again]                                        │
//! │▸ - 2026-01-02 10:14 error: no telemetry                           │
//! │  - 2026-01-02 10:15 ticked "Compare gates"                        │
//! └───────────────────────────────────────────────────────────────────┘
//! ```
//! Follows the newest session log until another is chosen. Moving up pauses, `G` or `F` follows again; the cursor `▸`
//! shows while it is paused. Scrolled to the top it loads what stands before. `v` turns to the agent's view and back,
//! which is drawn in `log/agent.rs`.

mod agent;
mod events;
mod held;
mod plans;
mod scroll;
pub(super) mod session;

use std::path::PathBuf;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::agent::AgentView;
use self::held::{Held, Line, Sound};
use self::scroll::{Lines, Mode, Scroll};
use super::{About, Ask, Clip, Context, Cx, FieldValue, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::query::{FieldName, Query};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::workbench::{Order, Report};

/// What the question for the agent's path is about.
const AGENT: &str = "agent";

/// The Log pane.
#[derive(Debug, Default)]
pub struct Log {
    doc: Option<DocId>,
    /// Whether the operator chose the document; else it is the newest session log, whichever that becomes.
    chosen: bool,
    held: Held,
    scroll: Scroll,
    agent: AgentView,
    shows: Shows,
}

/// What the pane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shows {
    /// The followed document.
    #[default]
    Document,
    /// What the agent does.
    Agent,
}

impl Log {
    fn follow(&mut self, doc: Option<DocId>) -> Vec<Effect> {
        self.doc = doc.clone();
        self.held = Held::default();
        self.scroll.restart();
        vec![Effect::Order(Order::Follow(doc))]
    }

    /// Asks for what stands before, when the first line was reached.
    fn at_first(&mut self, reached: bool) -> Vec<Effect> {
        let ask = reached && self.shows == Shows::Document && self.held.ask_earlier();
        if ask { vec![Effect::Order(Order::Earlier)] } else { Vec::new() }
    }

    /// Asks for the end again, when it is followed from now on and was let go for earlier lines.
    fn at_last(&mut self) -> Vec<Effect> {
        let ask = self.scroll.mode == Mode::Following && self.held.ask_latest();
        if ask { vec![Effect::Order(Order::Latest)] } else { Vec::new() }
    }

    /// What is on the screen: its place there, its lines, and its part of the pane.
    fn shown(&mut self, area: Rect) -> (&mut Scroll, &dyn Lines, Rect) {
        match self.shows {
            Shows::Document => (&mut self.scroll, &self.held, area),
            Shows::Agent => self.agent.shown(area),
        }
    }

    fn scroll(&self) -> &Scroll {
        match self.shows {
            Shows::Document => &self.scroll,
            Shows::Agent => &self.agent.scroll,
        }
    }

    /// `v`: the other view; asks what to follow while no agent is.
    fn switch(&mut self, cx: &Cx<'_>) -> Flow {
        self.shows = match self.shows {
            Shows::Document if self.agent.path.is_none() => return ask_agent(),
            Shows::Document => Shows::Agent,
            Shows::Agent => Shows::Document,
        };
        self.agent.tell(cx);
        self.fit(cx);
        Flow::done()
    }

    /// The session log before or after the one shown.
    fn tab(&mut self, forward: bool, cx: &Cx<'_>) -> Flow {
        let sessions = &cx.view.sessions;
        let at = sessions.iter().position(|session| Some(&session.doc) == self.doc.as_ref());
        let to = match (at, forward) {
            (Some(at), true) => at + 1,
            (Some(at), false) if at > 0 => at - 1,
            (Some(_), false) => return Flow::Say("This is the oldest session log".to_owned()),
            (None, _) => sessions.len().saturating_sub(1),
        };
        match sessions.get(to) {
            Some(session) => {
                self.chosen = to + 1 < sessions.len();
                Flow::Done(self.follow(Some(session.doc.clone())))
            }
            None => Flow::Say("This is the newest session log".to_owned()),
        }
    }
}

impl Pane for Log {
    fn id(&self) -> PaneId {
        PaneId::Log
    }

    fn context(&self) -> Context {
        Context::Log
    }

    fn title(&self, _cx: &Cx<'_>) -> String {
        let how = match self.scroll().mode {
            Mode::Following => "following",
            Mode::Paused => "paused",
        };
        match (self.shows, &self.doc) {
            (Shows::Agent, _) => format!("agent · {} · {how}", self.agent.name()),
            (Shows::Document, Some(doc)) => format!("{doc} · {how}"),
            (Shows::Document, None) => String::new(),
        }
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        self.agent.tell(cx);
        let journal = || cx.view.toolbox.journal.as_ref().map(|journal| &journal.doc);
        let newest = cx.view.sessions.last().map(|session| &session.doc).or_else(journal);
        if self.chosen || newest.is_none() || newest == self.doc.as_ref() {
            return Vec::new();
        }
        self.follow(newest.cloned())
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        let (scroll, lines, area) = self.shown(cx.area);
        scroll.fit(lines, area);
    }

    fn listens_to(&self, report: &Report) -> bool {
        matches!(report, Report::Log(_) | Report::Agent(_))
    }

    fn hear(&mut self, report: &Report, cx: &Cx<'_>) -> Vec<Effect> {
        match report {
            Report::Log(update) if Some(&update.doc) == self.doc.as_ref() => {
                let moved = self.held.take(&update.change, update.from_start);
                self.scroll.moved(moved, &self.held, cx.area);
            }
            Report::Agent(update) => {
                self.agent.take(update, cx);
                if self.agent.path.is_none() {
                    self.shows = Shows::Document;
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        self.agent.tell(cx);
        let (scroll, lines, area) = self.shown(cx.area);
        let searches = !scroll.find.is_empty();
        // Only what the log knows is named; every other action goes outward.
        match action {
            Action::Move(to) => match scroll.act_move(to, lines, area) {
                Some(true) => Flow::Done(self.at_first(true)),
                Some(false) => Flow::Done(self.at_last()),
                None => Flow::Passed,
            },
            Action::Follow => {
                scroll.turn(lines, area);
                Flow::Done(self.at_last())
            }
            Action::Wrap => {
                scroll.wrap(lines, area);
                Flow::done()
            }
            Action::MatchNext if searches => scroll.next_match(true, lines, area),
            Action::MatchPrevious if searches => scroll.next_match(false, lines, area),
            Action::NextError => scroll.next_sound(Sound::Error, "error", lines, area),
            Action::NextWarning => scroll.next_sound(Sound::Warning, "warning", lines, area),
            Action::Back if scroll.mode == Mode::Paused => {
                scroll.mode = Mode::Following;
                Flow::Done(self.at_last())
            }
            Action::LogNote => session::note(cx),
            Action::LogPlan => session::plan(cx),
            Action::Level => session::level(cx),
            Action::BlockTask => session::condition(cx),
            Action::SwitchView => self.switch(cx),
            Action::FollowAgent => ask_agent(),
            // The other logs are documents: they are shown from here on.
            Action::TabPrevious | Action::TabNext if self.shows == Shows::Agent => self.switch(cx),
            Action::TabPrevious => self.tab(false, cx),
            Action::TabNext => self.tab(true, cx),
            Action::Open => match self.place(cx) {
                Some((doc, line)) => Flow::Go(Goto::Document { doc, line }),
                None => Flow::done(),
            },
            _ => Flow::Passed,
        }
    }

    fn answer(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        match about {
            About::Pick(what) if what == AGENT => {
                self.shows = Shows::Agent;
                self.agent.path.get_or_insert_default();
                Flow::Done(vec![Effect::Order(Order::FollowAgent(Some(PathBuf::from(text.trim()))))])
            }
            _ => session::answered(about, text, cx),
        }
    }

    fn filled(&mut self, about: &About, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
        session::filled(about, values, cx)
    }

    fn click(&mut self, _column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let (scroll, lines, area) = self.shown(cx.area);
        scroll.click(row, lines, area);
        if double { self.act(Action::Open, cx) } else { Flow::done() }
    }

    fn wheel(&mut self, by: i32, cx: &Cx<'_>) -> Vec<Effect> {
        let (scroll, lines, area) = self.shown(cx.area);
        let reached = scroll.wheel(by, lines, area);
        if reached { self.at_first(true) } else { self.at_last() }
    }

    fn show(&mut self, goto: &Goto, cx: &Cx<'_>) -> Vec<Effect> {
        let Goto::Log(doc) = goto else { return Vec::new() };
        self.shows = Shows::Document;
        self.chosen = cx.view.sessions.last().is_none_or(|session| session.doc != *doc);
        if self.doc.as_ref() == Some(doc) {
            self.scroll.mode = Mode::Following;
            return self.at_last();
        }
        self.follow(Some(doc.clone()))
    }

    fn filter(&self) -> &str {
        &self.scroll().find
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        let (scroll, lines, area) = self.shown(cx.area);
        scroll.set_find(text, lines, area);
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        None
    }

    fn query(&self) -> Option<&Query> {
        None
    }

    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        // The agent's file is none of the workspace's documents.
        if self.shows == Shows::Agent {
            return None;
        }
        let at = self.scroll.meant(&self.held);
        Some((self.doc.clone()?, self.held.number(at).unwrap_or(1)))
    }

    fn clip(&self, what: Clip, _cx: &Cx<'_>) -> Option<String> {
        match (what, self.shows) {
            (Clip::Id, Shows::Document) => self.doc.as_ref().map(DocId::to_string),
            (Clip::Id, Shows::Agent) => self.agent.path.as_ref().map(|path| path.display().to_string()),
            (Clip::Row, Shows::Document) => match self.held.get(self.scroll.meant(&self.held))? {
                Line::Text(text) | Line::Mark(text) => Some(text.clone()),
            },
            (Clip::Row, Shows::Agent) => self.agent.row(),
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        if self.shows == Shows::Agent {
            self.agent.draw(buf, cx);
            return;
        }
        if self.held.len() == 0 {
            let say = if self.doc.is_some() { "The log is empty" } else { "No session log or journal here" };
            text::put_wrapped(buf, cx.area, say, cx.theme.quiet);
            return;
        }
        self.scroll.draw(&self.held, self.doc.as_ref(), cx.area, buf, cx);
    }
}

/// `V`: whose session file is to be followed.
fn ask_agent() -> Flow {
    Flow::Ask(Ask {
        about: About::Pick(AGENT.to_owned()),
        title: "Follow an agent".to_owned(),
        context: "Its session file, or a folder of them: the newest is followed. It is only read.".to_owned(),
        hint: "Path; empty for $CODEX_HOME/sessions or ~/.codex/sessions".to_owned(),
        may_be_empty: true,
    })
}

#[cfg(test)]
mod tests;
