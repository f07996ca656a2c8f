//! The cockpit without a terminal: documents and keys in, effects and screens out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use codex_tui::doc::DocId;
use codex_tui::model::checklist::{Mark, StepState};
use codex_tui::op::{Conflict, Intent, OpId, Operation};
use codex_tui::tui::app::App;
use codex_tui::tui::effect::Effect;
use codex_tui::tui::event::Event;
use codex_tui::tui::keymap::{Key, Keymap, TABLE};
use codex_tui::tui::overlay::Overlay;
use codex_tui::tui::pane::PaneId;
use codex_tui::tui::text;
use codex_tui::tui::theme::{Environment, Glyphs, Palette, Theme};
use codex_tui::workbench::{Actor, Order, Outcome, Report, Request, Workbench};
use crossterm::event::{Event as Input, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const CHECKLIST: &str = "# Session checklist\n\n## Before\n\n- [ ] Read `docs/RUNBOOK.md` first\n- [x] Pick a task\n\
    - [ ] Write the log\n\n## After\n\n- [ ] Update the board\n";

fn documents() -> Vec<(&'static str, String)> {
    vec![
        (
            "docs/taskboard/TaskBoard.csv",
            "ID,Title,Column,Owner,Notes\nST-A-001,Find the leak,In Progress,Ana,see docs/RUNBOOK.md\nST-A-002,Mend \u{202e}it,Backlog,Bo,\n\
             ST-A-003,Ship it,Done - 2026-01-02,Ana,\n"
                .to_owned(),
        ),
        ("docs/CODEX_SESSION_CHECKLIST.md", CHECKLIST.to_owned()),
        ("docs/Second_Checklist.md", "# Second\n\n- [ ] Other step\n".to_owned()),
        (
            "docs/agents/sessions/2026-01-02_session-0003.md",
            "# Session\n\n- **Role:** Dev\n- **Task board card:** ST-A-001\n\n- worked \u{1b}[31mhard\u{1b}[0m\n".to_owned(),
        ),
        (
            "docs/plans/PlanA_Leaks.md",
            "# Plan A - Leaks\n\n## Recent timeline\n\n| Date | Event |\n| --- | --- |\n| 2026-01-01 | Found it |\n"
                .to_owned(),
        ),
    ]
}

/// A workspace, everything loaded, and a cockpit on it.
pub struct Stage {
    pub folder: tempfile::TempDir,
    pub bench: Workbench,
    pub app: App,
}

pub fn stage(width: u16, height: u16) -> Stage {
    stage_of(&documents(), width, height)
}

/// A cockpit on a workspace of these documents.
pub fn stage_of(documents: &[(&str, String)], width: u16, height: u16) -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in documents {
        write(folder.path(), path, text);
    }
    let mut bench = Workbench::open(folder.path()).expect("a workspace");
    bench.load_all();
    let mut app = App::new(Theme::default(), Keymap::default(), width, height);
    app.handle(view(&bench));
    Stage { folder, bench, app }
}

pub fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

pub fn view(bench: &Workbench) -> Event {
    Event::Report(Report::View(Arc::new(bench.view().clone())))
}

impl Stage {
    /// Presses keys by their names in the key table, separated by blanks; returns the effects of all.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.split(' ') {
            let key: Key = key.parse().expect("a key");
            effects.extend(self.app.handle(Event::Input(Input::Key(KeyEvent::from(key)))));
        }
        effects
    }

    pub fn type_in(&mut self, text: &str) -> Vec<Effect> {
        text.chars()
            .flat_map(|c| {
                let key = KeyEvent::new(crossterm::event::KeyCode::Char(c), KeyModifiers::NONE);
                self.app.handle(Event::Input(Input::Key(key)))
            })
            .collect()
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.app.handle(Event::Input(Input::Resize(width, height)));
    }

    pub fn screen(&self, width: u16, height: u16) -> String {
        screen(&self.app, width, height)
    }

    /// Lets the workbench do what is asked, and shows the cockpit what came of it.
    pub fn run(&mut self, request: &Request) {
        let actor = Actor { name: "tester".to_owned(), ..actor() };
        let outcome = self.bench.run(request, &actor);
        self.app.handle(view(&self.bench));
        self.app.handle(Event::Report(Report::Done { ticket: 1, outcome }));
    }

    pub fn reload(&mut self) {
        self.bench.load_all();
        self.app.handle(view(&self.bench));
    }
}

fn actor() -> Actor {
    Actor { name: "operator".to_owned(), via: "cockpit".to_owned() }
}

fn screen(app: &App, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| app.draw(frame)).expect("drawn");
    let buffer = terminal.backend().buffer();
    let mut out = String::new();
    for y in 0..height {
        let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        out += line.trim_end();
        out.push('\n');
    }
    out
}

fn doc(path: &str) -> DocId {
    DocId::new(path).expect("a path")
}

fn only(effects: &[Effect]) -> &Effect {
    assert_eq!(effects.len(), 1, "{effects:?}");
    &effects[0]
}

fn marked(effect: &Effect) -> (&str, StepState, &Mark) {
    match effect {
        Effect::Do(Request::Mark { step, seen, mark }) => (&step.text, *seen, mark),
        other => panic!("{other:?}"),
    }
}

#[test]
fn starts_on_the_board_at_every_size() {
    for (width, height) in [(40, 12), (80, 24), (100, 30), (120, 40), (160, 45), (200, 60)] {
        let stage = stage(width, height);
        assert_eq!(stage.app.focus(), PaneId::Board);
        let screen = stage.screen(width, height);
        assert!(screen.contains("ST-A-001") && screen.contains("Find the leak"), "{width}×{height}\n{screen}");
        assert!(screen.contains("checklist 1/4"), "{width}×{height}\n{screen}");
        assert!(screen.contains("? help"), "{width}×{height}\n{screen}");
    }
}

#[test]
fn wide_screens_show_more() {
    let panes = |width, height| {
        let screen = stage(width, height).screen(width, height);
        ["1 Checklist ·", "2 Board ·", "3 Timeline ·", "5 Log ·"].map(|title| screen.contains(title))
    };
    assert_eq!(panes(160, 45), [true; 4]);
    assert_eq!(panes(120, 40), [true, true, false, true]);
    assert_eq!(panes(100, 40), [true, true, false, false]);
    assert_eq!(panes(80, 24), [false, true, false, false]);
    let narrow = stage(80, 24).screen(80, 24);
    assert!(narrow.contains("1Check 2Board 3Time 4Gates 5Log 6Back 7Sync 8Docs 9Hist"), "{narrow}");
    assert!(!stage(40, 12).screen(40, 12).contains('│'));
}

#[test]
fn the_header_gives_up_the_least_important_first() {
    let first = |width| stage(width, 30).screen(width, 30).lines().next().unwrap_or_default().to_owned();
    assert!(first(120).contains("2026-01-02_session-0003 · ST-A-001 · L1 · checklist 1/4"), "{}", first(120));
    let narrow = first(40);
    assert!(narrow.contains("checklist 1/4") && !narrow.contains("session"), "{narrow}");
}

#[test]
fn space_ticks_and_goes_on() {
    let mut stage = stage(80, 24);
    stage.press("1");
    let effects = stage.press("space");
    let (text, seen, mark) = marked(only(&effects));
    assert_eq!((text, seen), ("Read `docs/RUNBOOK.md` first", StepState::Open));
    assert_eq!(mark, &Mark::Done { evidence: String::new() });
    assert_eq!(stage.app.pending(), 1);
    // The ticked step is passed over: the next open one is selected.
    let effects = stage.press("space");
    assert_eq!(marked(only(&effects)).0, "Write the log");
    let effects = stage.press("space");
    assert_eq!(marked(only(&effects)).0, "Update the board");
}

#[test]
fn space_on_a_ticked_step_opens_it_again() {
    let mut stage = stage(80, 24);
    let effects = stage.press("1 j space");
    assert_eq!(marked(only(&effects)), ("Pick a task", StepState::Done, &Mark::Open));
}

#[test]
fn a_note_is_asked_for_and_written() {
    let mut stage = stage(80, 24);
    assert_eq!(stage.press("1 a"), []);
    stage.type_in("seen in line 42, quit? q");
    assert!(stage.screen(80, 24).contains("seen in line 42, quit? q"));
    // A reload from outside does not touch the draft.
    stage.reload();
    let effects = stage.press("enter");
    let (text, _, mark) = marked(only(&effects));
    assert_eq!(text, "Read `docs/RUNBOOK.md` first");
    assert_eq!(mark, &Mark::Done { evidence: "seen in line 42, quit? q".to_owned() });
    assert!(stage.app.dialog().is_none());
}

#[test]
fn not_applicable_needs_a_reason() {
    let mut stage = stage(80, 24);
    assert_eq!(stage.press("1 x enter"), []);
    assert!(matches!(stage.app.dialog(), Some(Overlay::Input(_))));
    stage.type_in("no UI work");
    let effects = stage.press("enter");
    assert_eq!(marked(only(&effects)).2, &Mark::NotApplicable { reason: "no UI work".to_owned() });
}

#[test]
fn leaving_asks_only_for_a_draft() {
    let mut stage = stage(80, 24);
    assert_eq!(stage.press("q"), [Effect::Quit]);
    stage.press("1 a");
    stage.type_in("q");
    assert_eq!(stage.press("esc esc q"), [Effect::Quit]);
    stage.press("a");
    assert_eq!(stage.press("ctrl-c"), [Effect::Quit]);
}

#[test]
fn a_paste_is_text() {
    let mut stage = stage(80, 24);
    stage.press("1");
    assert_eq!(stage.app.handle(Event::Input(Input::Paste(" xq\u{3}u\r".to_owned()))), []);
    stage.press("a");
    assert_eq!(stage.app.handle(Event::Input(Input::Paste("one\r\ntwo\u{202e}\u{1b}[2J\n".to_owned()))), []);
    let effects = stage.press("enter");
    assert_eq!(marked(only(&effects)).2, &Mark::Done { evidence: "one two⟨202E⟩␛[2J".to_owned() });
}

#[test]
fn a_conflict_is_decided_by_the_operator() {
    let mine = Operation {
        intent: Intent { verb: "checklist tick".to_owned(), summary: "tick \"Pick a task\"".to_owned() },
        edits: Vec::new(),
        undoes: None,
    };
    let conflict = Conflict {
        doc: doc("docs/CODEX_SESSION_CHECKLIST.md"),
        cell: None,
        line: Some(6),
        base: "false".to_owned(),
        theirs: Some("true\u{202e}".to_owned()),
        mine: "true".to_owned(),
    };
    let report = Event::Report(Report::Done {
        ticket: 1,
        outcome: Outcome::Conflict { conflicts: vec![conflict], mine: mine.clone() },
    });
    let mut stage = stage(80, 24);
    stage.app.handle(report.clone());
    let screen = stage.screen(80, 24);
    for part in ["docs/CODEX_SESSION_CHECKLIST.md:6", "you saw  false", "theirs   true⟨202E⟩", "mine     true"] {
        assert!(screen.contains(part), "{part}\n{screen}");
    }
    assert_eq!(stage.press("m"), [Effect::Do(Request::Commit(mine.clone()))]);

    stage.app.handle(report.clone());
    assert_eq!(stage.press("t"), []);
    assert!(stage.app.dialog().is_none());

    // Put aside, it stays in the header until it is decided.
    stage.app.handle(report.clone());
    assert_eq!(stage.press("esc"), []);
    assert!(stage.screen(80, 24).contains("1 conflict"));
    assert_eq!(stage.press("! m"), [Effect::Do(Request::Commit(mine))]);

    // It does not catch the keys of a dialog that is open.
    stage.press("1 a");
    stage.app.handle(report);
    assert_eq!(stage.type_in("mt"), []);
    let effects = stage.press("enter");
    assert_eq!(marked(only(&effects)).2, &Mark::Done { evidence: "mt".to_owned() });
    assert!(matches!(stage.app.dialog(), Some(Overlay::Conflict(_))));
}

#[test]
fn a_failed_save_stays_on_screen_until_one_succeeds() {
    let mut stage = stage(120, 40);
    let done = |outcome| Event::Report(Report::Done { ticket: 1, outcome });
    stage.app.handle(done(Outcome::Failed { message: "docs/x.md: no space left".to_owned() }));
    stage.press("j k 1 2");
    assert!(stage.screen(120, 40).contains("Not saved: docs/x.md: no space left"));
    let saved = |message: &str| Outcome::Done {
        op: OpId(1),
        message: message.to_owned(),
        files: Vec::new(),
        notes: Vec::new(),
    };
    stage.app.handle(done(saved("ticked it")));
    let screen = stage.screen(120, 40);
    assert!(!screen.contains("Not saved") && screen.contains("ticked it"), "{screen}");
}

#[test]
fn a_tick_is_written_and_taken_back() {
    let mut stage = stage(160, 45);
    let effects = stage.press("1 space");
    let Effect::Do(request) = only(&effects).clone() else { panic!("{effects:?}") };
    stage.run(&request);
    let path = stage.folder.path().join("docs/CODEX_SESSION_CHECKLIST.md");
    assert_eq!(std::fs::read_to_string(&path).expect("read"), CHECKLIST.replacen("[ ] Read", "[x] Read", 1));
    let screen = stage.screen(160, 45);
    assert!(screen.contains("[x] Read") && screen.contains("checklist 2/4"), "{screen}");

    // History shows it; Enter shows old and new, u takes it back.
    stage.press("9 enter");
    let screen = stage.screen(160, 45);
    assert!(screen.contains("docs/CODEX_SESSION_CHECKLIST.md") && screen.contains("+ true"), "{screen}");
    let effects = stage.press("u");
    let Effect::Do(undo) = only(&effects).clone() else { panic!("{effects:?}") };
    assert!(matches!(undo, Request::Undo(Some(_))), "{undo:?}");
    stage.run(&undo);
    assert_eq!(std::fs::read_to_string(&path).expect("read"), CHECKLIST);
    assert_eq!(stage.press("2 u"), [Effect::Do(Request::Undo(None))]);
    assert_eq!(stage.press("ctrl-r"), [Effect::Do(Request::Redo(None))]);
}

#[test]
fn the_selection_stays_on_the_same_step() {
    let mut stage = stage(80, 24);
    stage.press("1 G");
    let more = CHECKLIST.replace("## Before\n", "## Before\n\n- [ ] New above\n- [ ] Newer above\n");
    write(stage.folder.path(), "docs/CODEX_SESSION_CHECKLIST.md", &more);
    stage.reload();
    for (width, height) in [(40, 12), (200, 60), (20, 5), (80, 24)] {
        stage.resize(width, height);
        let effects = stage.press("y");
        assert_eq!(effects, [Effect::Copy("Update the board".to_owned())], "{width}×{height}");
    }
}

#[test]
fn cited_documents_are_one_key_away() {
    let mut stage = stage(120, 40);
    stage.press("1");
    let looks = stage.app.handle(view(&stage.bench));
    assert!(looks.contains(&Effect::Order(Order::Look(vec!["docs/RUNBOOK.md".to_owned()]))), "{looks:?}");
    stage.app.handle(Event::Report(Report::Looked(BTreeMap::from([("docs/RUNBOOK.md".to_owned(), false)]))));
    let screen = stage.screen(120, 40);
    assert!(screen.contains("✗ docs/RUNBOOK.md (missing)"), "{screen}");
    let effects = stage.press("enter");
    assert_eq!(stage.app.focus(), PaneId::Docs);
    assert!(effects.contains(&Effect::Order(Order::Open(doc("docs/RUNBOOK.md")))), "{effects:?}");
}

#[test]
fn brackets_change_the_checklist() {
    let mut stage = stage(120, 40);
    stage.press("1");
    assert!(stage.screen(120, 40).contains("1 Checklist · CODEX_SESSION"));
    if stage.app.view().checklists.len() > 1 {
        stage.press("]");
        assert!(!stage.screen(120, 40).contains("1 Checklist · CODEX_SESSION"));
        stage.press("[");
    }
    assert!(stage.screen(120, 40).contains("1 Checklist · CODEX_SESSION"));
}

#[test]
fn a_filter_narrows_as_it_is_typed_and_escape_clears_it_first() {
    let mut stage = stage(80, 24);
    stage.press("1 z /");
    stage.type_in("boARD");
    let screen = stage.screen(80, 24);
    assert!(screen.contains("Update the board") && !screen.contains("Pick a task"), "{screen}");
    // Keys are text now.
    stage.type_in("qu ");
    assert!(stage.screen(80, 24).contains("/boARDqu"));
    assert_eq!(stage.press("backspace backspace backspace enter"), []);
    assert!(stage.screen(80, 24).contains("· /boARD"));
    stage.press("esc");
    assert!(stage.screen(80, 24).contains("Pick a task"));
    stage.press("/");
    stage.type_in("state:open -section:after read docs");
    let screen = stage.screen(80, 24);
    assert!(screen.contains("[ ] Read `docs") && !screen.contains("Write the log"), "{screen}");
    stage.press("esc /");
    stage.type_in("state:done");
    let screen = stage.screen(80, 24);
    assert!(screen.contains("[x] Pick a task") && !screen.contains("Write the log"), "{screen}");
}

#[test]
fn a_filter_that_means_nothing_says_so_on_a_narrow_screen() {
    let mut stage = stage(60, 12);
    stage.press("2 z /");
    stage.type_in("date:2026-13 sort:-id state:done,backlog,ready owner:ana");
    let problem = "date:2026-13 is no date such as 2025-12-24";
    assert!(stage.screen(60, 12).contains(problem), "{}", stage.screen(60, 12));
    stage.press("enter");
    assert!(stage.screen(60, 12).contains(problem), "{}", stage.screen(60, 12));
    stage.press("esc");
    assert!(!stage.screen(60, 12).contains("is no date"));
}

#[test]
fn help_lists_every_key_of_the_pane_and_scrolls() {
    let mut stage = stage(80, 24);
    stage.press("1 ?");
    let top = stage.screen(80, 24);
    assert!(top.contains("Declare the step not applicable"), "{top}");
    stage.press("G");
    assert_ne!(stage.screen(80, 24), top);
    stage.press("esc");
    assert!(stage.app.dialog().is_none());
}

#[test]
fn the_palette_finds_an_action_by_its_name() {
    let mut stage = stage(80, 24);
    stage.press("1 :");
    stage.type_in("not app");
    assert_eq!(stage.press("enter"), []);
    assert!(matches!(stage.app.dialog(), Some(Overlay::Input(_))));
}

#[test]
fn the_editor_opens_the_selected_line() {
    let mut stage = stage(80, 24);
    let board = doc("docs/taskboard/TaskBoard.csv");
    assert_eq!(stage.press("o"), [Effect::Editor { doc: board, line: 2 }]);
    let list = doc("docs/CODEX_SESSION_CHECKLIST.md");
    assert_eq!(stage.press("1 E"), [Effect::Editor { doc: list, line: 5 }]);
    assert_eq!(stage.app.handle(Event::Returned(None)), [Effect::Order(Order::Reload)]);
}

#[test]
fn the_mouse_focuses_selects_and_scrolls() {
    let mut stage = stage(80, 24);
    let mouse =
        |kind, column, row| Event::Input(Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    // A tab of the bar.
    stage.app.handle(mouse(MouseEventKind::Down(MouseButton::Left), 3, 1));
    assert_eq!(stage.app.focus(), PaneId::Checklist);
    // The row of the third step: header, tabs, border, title, section, steps.
    stage.app.handle(mouse(MouseEventKind::Down(MouseButton::Left), 12, 7));
    assert_eq!(stage.press("y"), [Effect::Copy("Write the log".to_owned())]);
    stage.app.handle(mouse(MouseEventKind::ScrollUp, 12, 7));
    assert_ne!(stage.press("y"), [Effect::Copy("Write the log".to_owned())]);
}

#[test]
fn nothing_of_a_document_is_obeyed_by_the_terminal() {
    for (width, height) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        let mut stage = stage(width, height);
        for pane in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] {
            stage.press(pane);
            let screen = stage.screen(width, height);
            let bad: Vec<char> = screen.chars().filter(|&c| c != '\n' && text::is_bad(c)).collect();
            assert!(bad.is_empty(), "{bad:?}\n{screen}");
        }
        stage.press("2");
        assert!(stage.screen(width, height).contains("⟨202E⟩it"), "{}", stage.screen(width, height));
    }
}

#[test]
fn no_size_panics() {
    let mut stage = stage(80, 24);
    let dialogs = ["z z", "?", ":", "a", "x", "/", "!"];
    for pane in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"] {
        for dialog in dialogs {
            stage.press("esc esc esc");
            stage.press(pane);
            stage.press(dialog);
            for (width, height) in (1..=8)
                .flat_map(|width| (1..=8).map(move |height| (width, height)))
                .chain([(1, 60), (200, 1), (39, 11), (40, 12), (59, 14), (60, 15), (99, 21), (100, 22), (119, 30)])
                .chain([(120, 23), (120, 40), (149, 40), (150, 22), (150, 45), (200, 60)])
            {
                stage.resize(width, height);
                stage.screen(width, height);
                stage.press("down up end home");
                // Resized by the terminal before the cockpit knows.
                stage.screen(width.saturating_sub(3).max(1), height.saturating_sub(2).max(1));
                stage.screen(width + 5, height + 5);
            }
        }
    }
}

#[test]
fn a_cursor_key_repaints_two_rows() {
    let cells = |app: &App| {
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
        terminal.draw(|frame| app.draw(frame)).expect("drawn");
        terminal.backend().buffer().clone()
    };
    let mut stage = stage(120, 40);
    let before = cells(&stage.app);
    stage.press("j");
    let after = cells(&stage.app);
    let mut rows: Vec<u16> = before.diff(&after).iter().map(|(_, y, _)| *y).collect();
    rows.dedup();
    assert_eq!(rows.len(), 2, "{rows:?}");
}

#[test]
fn themes_do_without_colours_and_without_unicode() {
    let theme = Theme::new(Palette::Mono, Glyphs::Ascii, &Environment::default());
    let mut plain = stage(120, 40);
    plain.app = App::new(theme, Keymap::default(), 120, 40);
    plain.reload();
    plain.press("1 a");
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    terminal.draw(|frame| plain.app.draw(frame)).expect("drawn");
    for cell in terminal.backend().buffer().content() {
        assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
        assert!(cell.symbol().is_ascii() || "⟨⟩".contains(cell.symbol()), "{:?}", cell.symbol());
    }
}

#[test]
fn keys_can_be_given_anew() {
    let changes = BTreeMap::from([("tick".to_owned(), vec!["T".to_owned()])]);
    let mut stage = stage(80, 24);
    stage.app = App::new(Theme::default(), Keymap::new(&changes).0, 80, 24);
    stage.reload();
    assert_eq!(stage.press("1 space"), []);
    assert_eq!(stage.press("T").len(), 1);
    assert!(stage.screen(80, 24).contains("T tick"));
}

#[test]
fn every_row_of_the_key_table_has_a_name_of_its_own() {
    let mut names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
