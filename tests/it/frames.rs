//! No frame shows a pane as it was: in debug builds every frame, for which unchanged panes are copied, is compared with
//! one that is painted from nothing; so this module is only there in them. Here that happens after each of many events in
//! any order, at any size.

use std::collections::BTreeMap;
use std::sync::Arc;

use codex_tui::model::agent::read;
use codex_tui::tui::app::App;
use codex_tui::tui::effect::Effect;
use codex_tui::tui::event::Event;
use codex_tui::tui::keymap::{Keymap, TABLE};
use codex_tui::tui::theme::Theme;
use codex_tui::workbench::{
    Actor, AgentChange, AgentUpdate, LogChange, LogUpdate, Order, Report, Request, Workbench, demo,
};
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn key(&mut self, keymap: &Keymap) -> KeyEvent {
        const CODES: [KeyCode; 10] = [
            KeyCode::Esc,
            KeyCode::Esc,
            KeyCode::Enter,
            KeyCode::Tab,
            KeyCode::Backspace,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::PageDown,
        ];
        match self.below(4) {
            0 => KeyEvent::new(CODES[self.below(CODES.len())], KeyModifiers::NONE),
            1 => KeyEvent::new(KeyCode::Char(char::from(b' ' + self.below(95) as u8)), KeyModifiers::NONE),
            _ => {
                let rows: Vec<_> = keymap.rows().filter_map(|(_, keys)| keys.first().copied()).collect();
                assert_eq!(rows.len(), TABLE.len());
                rows[self.below(rows.len())].into()
            }
        }
    }

    fn mouse(&mut self, width: u16, height: u16) -> MouseEvent {
        const KINDS: [MouseEventKind; 4] = [
            MouseEventKind::Down(MouseButton::Left),
            MouseEventKind::Up(MouseButton::Left),
            MouseEventKind::ScrollDown,
            MouseEventKind::ScrollUp,
        ];
        let (column, row) = (self.below(width.into()) as u16, self.below(height.into()) as u16);
        MouseEvent { kind: KINDS[self.below(KINDS.len())], column, row, modifiers: KeyModifiers::NONE }
    }
}

/// What the workbench would report for these effects.
fn answers(bench: &mut Workbench, effects: Vec<Effect>, dice: &mut Dice) -> Vec<Report> {
    let actor = Actor { name: "tester".to_owned(), via: "cockpit".to_owned() };
    let mut reports = Vec::new();
    for effect in effects {
        match effect {
            Effect::Do(request) => {
                let outcome = bench.run(&request, &actor);
                reports.push(Report::View(Arc::new(bench.view().clone())));
                reports.push(Report::Done { ticket: dice.below(4) as u64, outcome });
            }
            Effect::Order(Order::Preview { ticket, operation }) => {
                reports.push(Report::Previewed { ticket, result: bench.preview(&Request::Commit(operation)) });
            }
            Effect::Order(Order::Look(paths)) => {
                let found: BTreeMap<String, bool> = paths.into_iter().map(|path| (path, dice.below(2) == 0)).collect();
                reports.push(Report::Looked(found));
            }
            Effect::Order(Order::Open(doc)) => {
                let held = bench.view().snapshot.get(&doc).cloned();
                reports.push(Report::Opened { doc, result: held.ok_or_else(|| "it is not there".to_owned()) });
            }
            Effect::Order(Order::Follow(Some(doc))) => {
                let lines = vec!["one line".to_owned(), format!("{} lines", dice.below(9))];
                let change = LogChange::Reset { why: String::new(), lines };
                reports.push(Report::Log(LogUpdate { doc, change, size: 20, from_start: true }));
            }
            Effect::Order(Order::FollowAgent(Some(path))) => {
                let line = format!(r#"{{"type":"message","role":"assistant","content":"{} words"}}"#, dice.below(9));
                let change = AgentChange::Opened { why: String::new(), pieces: read(&line) };
                reports.push(Report::Agent(AgentUpdate { path, change, half: false, from_start: true }));
            }
            _ => {}
        }
    }
    reports
}

#[test]
fn what_did_not_change_is_copied_and_what_changed_never() {
    for seed in 1..=6 {
        let dir = demo::temporary().expect("the demo");
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_all();
        let (mut width, mut height) = (120, 40);
        let mut app = App::new(Theme::default(), Keymap::default(), width, height);
        app.handle(Event::Report(Report::View(Arc::new(bench.view().clone()))));
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.rotate_left(seed));
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        for round in 0..250 {
            let event = match dice.below(20) {
                0 => {
                    (width, height) = (dice.below(200) as u16 + 1, dice.below(60) as u16 + 1);
                    Event::Input(Input::Resize(width, height))
                }
                1 => Event::Input(Input::Paste("pasted\ntext".to_owned())),
                2 => {
                    bench.load_all();
                    Event::Report(Report::View(Arc::new(bench.view().clone())))
                }
                3 => Event::Broken(format!("thread {round}")),
                4..=6 => Event::Input(Input::Mouse(dice.mouse(width, height))),
                _ => Event::Input(Input::Key(dice.key(&Keymap::default()))),
            };
            let effects = app.handle(event);
            // A terminal may have another size than the one that was last told.
            if dice.below(3) > 0 {
                terminal.backend_mut().resize(width, height);
            }
            terminal.draw(|frame| app.draw(frame)).expect("a frame");
            for report in answers(&mut bench, effects, &mut dice) {
                let _ = app.handle(Event::Report(report));
                terminal.draw(|frame| app.draw(frame)).expect("a frame");
            }
        }
    }
}
