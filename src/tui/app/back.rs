//! The way back: what led from one pane to another leads back with `Esc`, as long as the operator has only looked. And what a
//! pane's title says where there is no room for titles.

use super::App;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::messages::Tone;
use crate::tui::pane::{Goto, PaneId};

impl App {
    /// Whether `Esc` leads out of something that the focused pane shows.
    pub(in crate::tui) fn goes_back(&self) -> bool {
        self.came.is_some() || self.pane(self.stage.focus).goes_back()
    }

    /// Whether the focused pane shows what the operator was led to, and nothing that he opened from there.
    pub(super) fn is_where_it_led(&self) -> bool {
        self.came.as_ref().is_some_and(|(_, goto)| self.pane(goto.pane()).shows(goto))
    }

    /// To the pane that led here.
    pub(super) fn go_back(&mut self) {
        if let Some((from, _)) = self.came.take() {
            self.focus_on(from);
        }
    }

    /// Something is done in the focused pane. Unless it is merely looked around in, it is the operator's place now, and `Esc`
    /// does not lead away from it.
    pub(super) fn settle(&mut self, action: Action) {
        let looks = matches!(
            action,
            Action::Move(_)
                | Action::Back
                | Action::Open
                | Action::LinkNext
                | Action::LinkPrevious
                | Action::MatchNext
                | Action::MatchPrevious
                | Action::TabNext
                | Action::TabPrevious
                | Action::CopyId
                | Action::CopyRow
                | Action::Library
                | Action::Editor
        );
        if !looks {
            self.came = None;
        }
    }

    /// Acts. Without borders there are no titles: what a key changes of the focused pane's is said then.
    pub(super) fn telling(&mut self, action: Action) -> Vec<Effect> {
        let before = self.hidden_title();
        let effects = self.act(action);
        let Some((one, old)) = before else { return effects };
        self.arrange();
        if let Some((other, new)) = self.hidden_title()
            && old != new
            && (one == other || self.came.is_some())
            && self.overlays.is_empty()
            && self.messages.status.is_none()
            && !self.filtering
            && self.pane(other).filter().is_empty()
        {
            let dot = self.theme.symbols.dot;
            // The document that was asked for may still be on its way; the title is that of the one before it.
            let new = match &self.came {
                Some((_, Goto::Document { doc, .. } | Goto::Log(doc))) if one != other => doc.to_string(),
                Some(_) | None => new,
            };
            let words = new.replace(" · ", &format!(" {dot} "));
            self.say(Tone::Plain, format!("{} {dot} {words}", other.name()));
        }
        effects
    }

    /// The title of the focused pane, where the screen has no room for it.
    fn hidden_title(&self) -> Option<(PaneId, String)> {
        let focus = self.stage.focus;
        let placed = self.layout.panes.iter().find(|placed| placed.pane == focus)?;
        (placed.outer == placed.inner).then(|| (focus, self.pane(focus).title(&self.cx(focus))))
    }
}
