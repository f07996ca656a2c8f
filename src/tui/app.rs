//! The state of the cockpit: panes, focus, dialogs, messages. `handle` turns an event into effects and does nothing
//! else: no I/O, no clock, no waiting. `draw` paints from state alone.

mod back;
mod command;
mod configure;
mod dialogs;
mod finish;
mod mouse;
mod seen;
mod track;

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Position, Rect};

use super::action::Action;
use super::behind;
use super::canvas::Canvas;
use super::chrome;
use super::effect::Effect;
use super::event::Event;
use super::filter::{self, Typed};
use super::keymap::{Key, Keymap};
use super::layout::{self, Layout, Stage};
use super::messages::{Messages, Tone};
use super::overlay::{self, Overlay};
use super::pane::{self, Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use super::text;
use super::theme::{Environment, Theme};
use super::unread::Unread;
use crate::workbench::track::online::Job;
use crate::workbench::view;
use crate::workbench::{Order, Report, Request, View};

/// The cockpit.
pub struct App {
    pub(super) view: Arc<View>,
    pub(super) theme: Theme,
    pub(super) keymap: Keymap,
    /// What the theme follows besides the configuration.
    environment: Environment,
    /// Whether clicks and the wheel are ours.
    mouse: bool,
    /// What is being copied, in words, until it is known which way it went.
    copying: String,
    /// In the order of [`PaneId::ALL`].
    panes: Vec<Box<dyn Pane>>,
    pub(super) stage: Stage,
    size: Rect,
    /// Always what `size`, `stage`, `banner` and the footer's keys ask for.
    pub(super) layout: Layout,
    /// Typing a filter.
    pub(super) filtering: bool,
    /// Dialogs; the last one is on top and gets the keys.
    pub(super) overlays: Vec<Overlay>,
    /// Conflicts that the operator wants to decide later.
    pub(super) undecided: Vec<overlay::ConflictDialog>,
    pub(super) messages: Messages,
    clicked: Option<(u16, u16)>,
    /// Where the mouse was pressed, for drags.
    pressed: Option<(PaneId, Position)>,
    /// The time; told by the loop, because nothing here looks at a clock.
    now: NaiveDateTime,
    /// Who writes.
    who: String,
    /// Writes that were ever ordered: the ticket of the newest, because the loop counts the same way.
    ordered: u64,
    /// Previews that were ever ordered: the ticket of the newest.
    previews: u64,
    commands: command::Commands,
    finishing: finish::Finishing,
    pub(super) jobs: track::Jobs,
    /// The panes as they were last painted. Behind a cell, because painting them again changes nothing that is seen.
    pub(super) canvas: RefCell<Canvas>,
    /// What the operator has not seen yet.
    pub(super) unread: Unread,
    /// Whether the operator has done anything yet.
    touched: bool,
    /// The pane that led to the focused one, and to what there, while the operator only looks at it.
    came: Option<(PaneId, Goto)>,
}

impl App {
    /// A cockpit without a view yet.
    pub fn new(theme: Theme, keymap: Keymap, width: u16, height: u16) -> App {
        let size = Rect::new(0, 0, width, height);
        let stage = Stage {
            focus: PaneId::Board,
            main: PaneId::Board,
            lower: PaneId::Log,
            zoomed: false,
            footer: 1,
            banner: false,
            has_side: true,
            has_lower: true,
        };
        let mut app = App {
            view: Arc::default(),
            theme,
            keymap,
            environment: Environment::default(),
            mouse: true,
            copying: String::new(),
            panes: pane::all(),
            layout: layout::lay_out(size, &stage),
            stage,
            size,
            filtering: false,
            overlays: Vec::new(),
            undecided: Vec::new(),
            messages: Messages::default(),
            clicked: None,
            pressed: None,
            now: NaiveDateTime::default(),
            who: "operator".to_owned(),
            ordered: 0,
            previews: 0,
            commands: command::Commands::default(),
            finishing: finish::Finishing::default(),
            jobs: track::Jobs::default(),
            canvas: RefCell::default(),
            unread: Unread::default(),
            touched: false,
            came: None,
        };
        app.arrange();
        app
    }

    /// The pane with the focus.
    pub fn focus(&self) -> PaneId {
        self.stage.focus
    }

    /// Whether a dialog is open.
    pub fn dialog(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// The view that is shown.
    pub fn view(&self) -> &Arc<View> {
        &self.view
    }

    /// Writes that were ordered and not answered.
    pub fn pending(&self) -> usize {
        self.messages.pending
    }

    /// Says what time it is.
    pub fn set_now(&mut self, now: NaiveDateTime) {
        self.now = now;
    }

    /// Says who writes.
    pub fn set_who(&mut self, who: &str) {
        who.clone_into(&mut self.who);
    }

    /// Takes an event in; returns what has to be done to the world.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        let effects = match event {
            Event::Input(input) => {
                self.touched |= !matches!(input, crossterm::event::Event::Resize(..));
                let effects = self.input(input);
                self.see_selected();
                effects
            }
            Event::Report(report) => self.report(report),
            Event::Returned(problem) => {
                if let Some(text) = problem {
                    self.say(Tone::Bad, text);
                }
                vec![Effect::Order(Order::Reload)]
            }
            Event::Copied(result) => {
                match result {
                    Ok(way) => self.say(Tone::Good, format!("copied {way}: {}", self.copying)),
                    Err(why) => self.say(Tone::Bad, why),
                }
                Vec::new()
            }
            Event::Broken(text) => {
                self.messages.fail(text);
                Vec::new()
            }
        };
        let writes = effects.iter().filter(|effect| matches!(effect, Effect::Do(_))).count();
        self.messages.pending += writes;
        self.ordered += writes as u64;
        self.arrange();
        for placed in &self.layout.panes {
            self.unread.show(placed.pane);
        }
        effects
    }

    /// Paints everything.
    pub fn draw(&self, frame: &mut ratatui::Frame<'_>) {
        chrome::draw(self, frame);
    }

    pub(super) fn pane(&self, id: PaneId) -> &dyn Pane {
        self.panes[id as usize].as_ref()
    }

    pub(super) fn cx(&self, id: PaneId) -> Cx<'_> {
        let given = (&self.view, &self.unread, &self.theme, &self.keymap);
        context_of(given, &self.layout, self.stage.focus, id, (self.now, &self.who))
    }

    pub(super) fn now(&self) -> NaiveDateTime {
        self.now
    }

    pub(super) fn today(&self) -> NaiveDate {
        self.now.date()
    }

    /// Calls something on a pane with its context. There is no other way to change a pane, so that what was painted of it
    /// is known to be old from here on.
    fn with<T>(&mut self, id: PaneId, call: impl FnOnce(&mut dyn Pane, &Cx<'_>) -> T) -> T {
        self.canvas.get_mut().touch(id);
        let cx = context_of(
            (&self.view, &self.unread, &self.theme, &self.keymap),
            &self.layout,
            self.stage.focus,
            id,
            (self.now, &self.who),
        );
        call(self.panes[id as usize].as_mut(), &cx)
    }

    fn with_each(&mut self, mut call: impl FnMut(&mut dyn Pane, &Cx<'_>) -> Vec<Effect>) -> Vec<Effect> {
        PaneId::ALL.iter().flat_map(|&id| self.with(id, &mut call)).collect()
    }

    /// Where dialogs are: above the footer, which tells their keys.
    pub(super) fn dialog_area(&self) -> Rect {
        Rect { height: self.size.height - self.layout.footer.height.min(self.size.height), ..self.size }
    }

    pub(super) fn context(&self) -> Context {
        self.pane(self.stage.focus).context()
    }

    /// Lays out again; panes whose area changed are told.
    fn arrange(&mut self) {
        self.stage.banner = self.messages.banner.is_some();
        // What is not read yet keeps its place.
        let has = |pane| self.view.stage != view::Stage::Full || !behind::is_empty(pane, &self.view);
        self.stage.has_side = has(PaneId::Checklist);
        self.stage.has_lower = has(PaneId::Timeline) || has(PaneId::Log);
        let lines = chrome::footer_lines(&chrome::footer_keys(self), self.size.width).len();
        self.stage.footer = if self.size.height < 12 { 1 } else { lines.clamp(1, 2) as u16 };
        let new = layout::lay_out(self.size, &self.stage);
        if new == self.layout && self.view.generation > 0 {
            return;
        }
        let area =
            |layout: &Layout, id| layout.panes.iter().find(|placed| placed.pane == id).map(|placed| placed.inner);
        let changed: Vec<PaneId> =
            PaneId::ALL.into_iter().filter(|&id| area(&self.layout, id) != area(&new, id)).collect();
        self.layout = new;
        for id in changed {
            self.with(id, |pane, cx| pane.fit(cx));
        }
    }

    /// Says something in the status line until the next key.
    pub(super) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.messages.say(tone, text);
    }

    fn report(&mut self, report: Report) -> Vec<Effect> {
        match &report {
            Report::View(view) => {
                let (ui, keys) = (&view.config.ui, &view.config.keys);
                let same = *ui == self.view.config.ui && *keys == self.view.config.keys;
                let mut effects = if same { Vec::new() } else { self.configure(&view.config.clone()) };
                self.unread.learn(&self.view, view);
                self.view = Arc::clone(view);
                effects.extend(self.with_each(|pane, cx| pane.refresh(cx)));
                self.open_on_something();
                effects.extend(self.recheck());
                effects.extend(self.follow_command());
                effects
            }
            Report::Done { ticket, outcome } => {
                if !self.ran(*ticket, outcome) {
                    self.written(*ticket, outcome);
                }
                Vec::new()
            }
            Report::Previewed { ticket, result } => {
                self.previewed(*ticket, result);
                Vec::new()
            }
            Report::Finishing { ticket, result } => {
                self.finishing(*ticket, result);
                Vec::new()
            }
            Report::Handoff { ticket, result } => {
                self.handed_off(*ticket, result);
                Vec::new()
            }
            Report::Offered(result) => {
                self.offered(result);
                Vec::new()
            }
            Report::Job(progress) => {
                let effects = self.tell_panes(&report);
                self.job_went_on(progress);
                effects
            }
            Report::Opened { .. } | Report::Log(_) | Report::Agent(_) | Report::Looked(_) => self.tell_panes(&report),
        }
    }

    /// Hands a report to the panes that listen to it.
    fn tell_panes(&mut self, report: &Report) -> Vec<Effect> {
        let hearing: Vec<PaneId> = PaneId::ALL.into_iter().filter(|&id| self.pane(id).listens_to(report)).collect();
        hearing.into_iter().flat_map(|id| self.with(id, |pane, cx| pane.hear(report, cx))).collect()
    }

    fn input(&mut self, input: crossterm::event::Event) -> Vec<Effect> {
        use crossterm::event::Event as Input;
        match input {
            // With these the window manager is meant, and nothing that can be typed.
            Input::Key(key)
                if key.modifiers.intersects(KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META) =>
            {
                Vec::new()
            }
            Input::Key(key) if key.kind != KeyEventKind::Release => self.key(key),
            Input::Mouse(mouse) => self.mouse(mouse),
            Input::Paste(pasted) => {
                self.paste(&pasted);
                Vec::new()
            }
            Input::Resize(width, height) => {
                self.size = Rect::new(0, 0, width, height);
                Vec::new()
            }
            Input::Key(_) | Input::FocusGained | Input::FocusLost => Vec::new(),
        }
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        self.messages.status = None;
        // Two clicks with a key between them are two.
        self.clicked = None;
        let pressed = Key::from(key);
        // Whatever is open: these leave.
        match self.keymap.own(Context::Everywhere, pressed) {
            Some(Action::QuitNow) => return vec![Effect::Quit],
            Some(Action::Suspend) => return vec![Effect::Suspend],
            _ => {}
        }
        let area = self.dialog_area();
        if let Some(top) = self.overlays.last_mut() {
            let reply = top.key(key, &self.keymap, area);
            return self.reply(reply);
        }
        if self.filtering && self.filter_key(key) {
            return Vec::new();
        }
        match self.keymap.action(self.context(), pressed) {
            Some(action) => self.telling(action),
            None => Vec::new(),
        }
    }

    /// A key while the filter is typed; false when it is not for the filter.
    fn filter_key(&mut self, key: KeyEvent) -> bool {
        let text = self.pane(self.stage.focus).filter().to_owned();
        match filter::typed(text, key) {
            Typed::Text(text) => self.set_filter(&text),
            Typed::Keep => self.filtering = false,
            Typed::Clear => {
                self.filtering = false;
                self.set_filter("");
            }
            Typed::Elsewhere => return false,
        }
        true
    }

    pub(super) fn set_filter(&mut self, typed: &str) {
        self.with(self.stage.focus, |pane, cx| pane.set_filter(typed, cx));
    }

    /// A paste is text: it goes where text is typed and nowhere else.
    fn paste(&mut self, pasted: &str) {
        let area = self.dialog_area();
        if let Some(top) = self.overlays.last_mut() {
            top.paste(pasted, area);
        } else if self.filtering {
            let line = text::pasted_line(pasted);
            let typed = format!("{}{line}", self.pane(self.stage.focus).filter());
            self.set_filter(&typed);
        } else {
            self.say(Tone::Plain, "pasted text is left out here: it goes into a filter (/) or a note");
        }
    }

    /// Acts: the app's own actions first, then the focused pane, then what the pane passed outward.
    fn act(&mut self, action: Action) -> Vec<Effect> {
        let focus = self.stage.focus;
        match action {
            Action::Quit => return self.quit(),
            Action::QuitNow => return vec![Effect::Quit],
            Action::Suspend => return vec![Effect::Suspend],
            Action::FocusNext => self.focus_on(neighbour(focus, 1)),
            Action::FocusPrevious => self.focus_on(neighbour(focus, PaneId::ALL.len() - 1)),
            Action::Focus(pane) => self.focus_on(pane),
            Action::Zoom => self.stage.zoomed = !self.stage.zoomed,
            Action::Help => self.overlays.push(Overlay::Help(overlay::Help::new(self.context()))),
            Action::Palette => self.overlays.push(Overlay::Palette(overlay::PaletteDialog::new(self.context()))),
            Action::Notices => self.notices(),
            Action::Mouse => return self.switch_mouse(),
            Action::Reload => {
                self.say(Tone::Plain, "reading all documents again");
                return vec![Effect::Order(Order::Reload)];
            }
            Action::RunCommand => return self.choose_command(None),
            Action::EndCommand => {
                // The pipeline goes first where it is looked at, a command elsewhere.
                let is_running = self.view.run.as_ref().is_some_and(|run| run.end.is_none());
                if (focus == PaneId::Tracks || !is_running) && self.end_job() {
                    return Vec::new();
                }
                return self.end_command();
            }
            Action::PlanTracks => return self.plan_tracks(),
            Action::RunTracks => return self.ask_for(Job::Run),
            Action::FinishSession => return self.close_session(),
            Action::HandOff => return self.hand_off(),
            Action::Redo => return vec![Effect::Do(Request::Redo(None))],
            Action::Filter => self.filtering = true,
            Action::Views => self.views(),
            Action::Level => {
                // The log is the Log pane's, whichever pane has the focus.
                let flow = self.with(PaneId::Log, |pane, cx| pane.act(action, cx));
                return self.flow(PaneId::Log, flow, None);
            }
            Action::Back if !self.pane(focus).filter().is_empty() => self.set_filter(""),
            Action::Back if self.is_where_it_led() => self.go_back(),
            _ => {
                self.settle(action);
                let flow = self.with(focus, |pane, cx| pane.act(action, cx));
                return self.flow(focus, flow, Some(action));
            }
        }
        Vec::new()
    }

    fn flow(&mut self, from: PaneId, flow: Flow, action: Option<Action>) -> Vec<Effect> {
        match flow {
            Flow::Done(effects) => effects,
            Flow::Say(text) => {
                self.say(Tone::Plain, text);
                Vec::new()
            }
            Flow::Told(effects, text) => {
                self.say(Tone::Plain, text);
                effects
            }
            Flow::Go(goto) => self.go(&goto),
            Flow::Ask(ask) => self.open(Overlay::Input(Box::new(overlay::Input::new(from, ask)))),
            Flow::Edit(spec) => self.open(Overlay::Editor(Box::new(overlay::FieldEditor::new(*spec)))),
            Flow::Form(spec) => self.open(Overlay::Form(Box::new(overlay::Form::new(*spec)))),
            Flow::Choose(spec) => self.open(Overlay::Choose(Box::new(overlay::Choose::new(*spec)))),
            Flow::Confirm(spec) => self.open(Overlay::Confirm(Box::new(overlay::Confirm::new(*spec)))),
            Flow::Run(numbers) => self.offer_commands(&numbers),
            Flow::Act(action) => self.act(action),
            Flow::Preview(operation) => self.preview(*operation, Vec::new()),
            Flow::Warned(operation, notes) => self.preview(*operation, notes),
            Flow::Passed => action.map_or_else(Vec::new, |action| self.outward(from, action)),
        }
    }

    fn open(&mut self, overlay: Overlay) -> Vec<Effect> {
        self.overlays.push(overlay);
        Vec::new()
    }

    /// What an action means when the pane does not know it.
    fn outward(&mut self, from: PaneId, action: Action) -> Vec<Effect> {
        match action {
            Action::Undo => return vec![Effect::Do(Request::Undo(None))],
            Action::Back if self.unread.see_all(from) => self.canvas.get_mut().touch(from),
            Action::Back if self.came.is_some() => self.go_back(),
            Action::Back => self.stage.zoomed = false,
            Action::Editor => match self.pane(from).place(&self.cx(from)) {
                Some((doc, line)) => return vec![Effect::Editor { doc, line }],
                None => self.say(Tone::Plain, "nothing here to open in an editor"),
            },
            Action::CopyId => return self.copy(from, Clip::Id),
            Action::CopyRow => return self.copy(from, Clip::Row),
            // Everything else means nothing outside the panes that know it.
            _ => {}
        }
        Vec::new()
    }

    fn copy(&mut self, from: PaneId, what: Clip) -> Vec<Effect> {
        let Some(text) = self.pane(from).clip(what, &self.cx(from)) else {
            self.say(Tone::Plain, "nothing here to copy");
            return Vec::new();
        };
        let more = if text.contains('\n') { " …" } else { "" };
        self.copying = format!("{}{more}", text.lines().next().unwrap_or_default());
        vec![Effect::Copy(text)]
    }

    fn go(&mut self, goto: &Goto) -> Vec<Effect> {
        let (from, pane) = (self.stage.focus, goto.pane());
        self.focus_on(pane);
        self.came = (from != pane).then(|| (from, goto.clone()));
        self.arrange();
        self.with(pane, |pane, cx| match goto {
            Goto::Filter { text, .. } => {
                pane.set_filter(text, cx);
                Vec::new()
            }
            _ => pane.show(goto, cx),
        })
    }

    fn focus_on(&mut self, pane: PaneId) {
        self.filtering = false;
        self.came = None;
        if pane != self.stage.focus {
            self.unread.see_all(self.stage.focus);
            self.canvas.get_mut().touch(self.stage.focus);
        }
        self.stage.focus(pane);
    }

    fn quit(&mut self) -> Vec<Effect> {
        if self.overlays.iter().any(Overlay::has_draft) {
            self.overlays.push(Overlay::Leave);
            return Vec::new();
        }
        if self.stays_for_job() {
            return Vec::new();
        }
        vec![Effect::Quit]
    }

    fn notices(&mut self) {
        if let Some(dialog) = self.undecided.pop() {
            self.overlays.push(Overlay::Conflict(dialog));
            return;
        }
        let lines = self.messages.in_full(&self.view);
        self.overlays.push(Overlay::Message(overlay::Message::new("Notices", lines)));
    }
}

fn neighbour(pane: PaneId, steps: usize) -> PaneId {
    PaneId::ALL[(pane as usize + steps) % PaneId::ALL.len()]
}

fn context_of<'a>(
    (view, unread, theme, keymap): (&'a Arc<View>, &'a Unread, &'a Theme, &'a Keymap),
    layout: &Layout,
    focus: PaneId,
    id: PaneId,
    (now, who): (NaiveDateTime, &'a str),
) -> Cx<'a> {
    let area = layout.panes.iter().find(|placed| placed.pane == id).map_or(Rect::ZERO, |placed| placed.inner);
    Cx { view, unread: unread.lines(id), area, focused: focus == id, theme, keymap, now, who }
}

#[cfg(test)]
mod tests;
