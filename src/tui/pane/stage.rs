//! For tests of panes: a view made of given documents, and a screen to paint on.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Cx, Flow, Pane};
use crate::doc::{DocId, Document, Snapshot};
use crate::model::plan::Plan;
use crate::model::session::SessionLog;
use crate::model::task::TaskList;
use crate::model::timeline::Timeline;
use crate::tui::action::Action;
use crate::tui::keymap::Keymap;
use crate::tui::theme::{Environment, Glyphs, Palette, Theme};
use crate::tui::unread::Lines;
use crate::workbench::View;
use crate::workbench::view::Stage as Loaded;
use crate::workspace::{Config, Role, Workspace};

/// The time of the tests.
pub fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 1, 31).and_then(|day| day.and_hms_opt(10, 12, 0)).expect("a time")
}

/// A view, a theme and an area.
pub struct Stage {
    pub view: Arc<View>,
    pub theme: Theme,
    pub keymap: Keymap,
    pub area: Rect,
    pub unread: Lines,
}

/// A document id.
pub fn id(path: &str) -> DocId {
    DocId::new(path).unwrap()
}

/// The document at `path` with that text.
pub fn document(path: &str, text: &str) -> Arc<Document> {
    Arc::new(Document::parse(id(path), text.as_bytes().to_vec()))
}

/// The view of a workspace with these documents.
pub fn view(docs: &[(&str, &str)], generation: u64) -> Arc<View> {
    let config = Config::default();
    let mut snapshot = Snapshot::default();
    snapshot.extend(docs.iter().map(|(path, text)| document(path, text)));
    let mut ids: Vec<DocId> = docs.iter().map(|(path, _)| id(path)).collect();
    ids.sort();
    let workspace = Workspace::recognise(&ids, &config);
    let tasks = Arc::new(TaskList::project(&snapshot, &workspace, &config));
    let with = |role| workspace.with_role(role).filter_map(|id| snapshot.get(id));
    let plans: Vec<Plan> = with(Role::Plan).map(|doc| Plan::project(doc)).collect();
    let sessions: Vec<SessionLog> = with(Role::SessionLog).map(|doc| SessionLog::project(doc)).collect();
    let timeline = Timeline::project(&plans, &sessions, &tasks, Vec::new());
    Arc::new(View {
        generation,
        stage: Loaded::Full,
        tasks,
        plans: Arc::new(plans),
        sessions: Arc::new(sessions),
        timeline: Arc::new(timeline),
        library: Arc::new(ids),
        workspace: Arc::new(workspace),
        snapshot,
        ..View::default()
    })
}

impl Stage {
    pub fn new(docs: &[(&str, &str)], width: u16, height: u16) -> Stage {
        let theme = Theme::new(Palette::Mono, Glyphs::Unicode, &Environment::default());
        Stage {
            view: view(docs, 1),
            theme,
            keymap: Keymap::default(),
            area: Rect::new(0, 0, width, height),
            unread: Lines::default(),
        }
    }

    pub fn cx(&self) -> Cx<'_> {
        Cx {
            view: &self.view,
            unread: &self.unread,
            area: self.area,
            focused: true,
            theme: &self.theme,
            keymap: &self.keymap,
            now: now(),
            who: "operator",
        }
    }

    /// Gives the pane area and view, as the app does.
    pub fn enter(&self, pane: &mut dyn Pane) {
        pane.fit(&self.cx());
        pane.refresh(&self.cx());
    }

    pub fn act(&self, pane: &mut dyn Pane, actions: &[Action]) -> Flow {
        actions.iter().fold(Flow::Passed, |_, &action| pane.act(action, &self.cx()))
    }

    pub fn buffer(&self, pane: &dyn Pane) -> Buffer {
        let mut buf = Buffer::empty(self.area);
        pane.draw(&mut buf, &self.cx());
        buf
    }

    /// The screen as lines, blanks at their ends cut.
    pub fn screen(&self, pane: &dyn Pane) -> Vec<String> {
        let buf = self.buffer(pane);
        let row = |y| (0..self.area.width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..self.area.height).map(row).collect()
    }

    /// How many cells differ on the screen before and after these actions.
    pub fn repainted(&self, pane: &mut dyn Pane, actions: &[Action]) -> usize {
        let before = self.buffer(pane);
        self.act(pane, actions);
        before.diff(&self.buffer(pane)).len()
    }
}
