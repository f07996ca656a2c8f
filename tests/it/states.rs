//! What a colour says, text says too: states are told apart in mono, in ASCII and in every theme by their words and marks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use codex_tui::model::checklist::{Mark, StepState};
use codex_tui::tui::app::App;
use codex_tui::tui::event::Event;
use codex_tui::tui::keymap::{Key, Keymap};
use codex_tui::tui::theme::{Environment, Glyphs, Palette, Theme};
use codex_tui::workbench::gates::{GateReader, Question};
use codex_tui::workbench::{Actor, Outcome, Report, Request, View, Workbench, demo};
use crossterm::event::{Event as Input, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

const SIZE: (u16, u16) = (120, 50);
/// The keys of all panes.
const PANES: &str = "1 2 3 4 5 6 7 8 9 0 T";

/// The demo workspace, with its gates judged.
fn demo() -> (demo::Temporary, View) {
    let folder = demo::temporary().expect("the demo");
    let view = view_of(folder.path());
    (folder, view)
}

fn view_of(root: &Path) -> View {
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.load_all();
    let mut view = bench.view().clone();
    let gates = GateReader::default().judge(&bench.gates(), &Question::default(), &|_| {}, &AtomicBool::new(false));
    view.gates = Arc::new(gates.expect("nobody cancels"));
    view
}

fn cockpit(view: &View, palette: Palette, glyphs: Glyphs) -> App {
    let theme = Theme::new(palette, glyphs, &Environment::default());
    let mut app = App::new(theme, Keymap::default(), SIZE.0, SIZE.1);
    app.handle(Event::Report(Report::View(Arc::new(view.clone()))));
    press(&mut app, "z");
    app
}

fn press(app: &mut App, key: &str) {
    let key: Key = key.parse().unwrap_or_else(|_| panic!("{key}"));
    app.handle(Event::Input(Input::Key(KeyEvent::from(key))));
}

fn painted(app: &App, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| app.draw(frame)).expect("drawn");
    terminal.backend().buffer().clone()
}

fn lines(buffer: &Buffer) -> Vec<String> {
    let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
    (0..buffer.area.height).map(row).collect()
}

#[test]
fn every_theme_shows_the_same_text() {
    let (_folder, view) = demo();
    for key in PANES.split(' ') {
        let text = |palette| {
            let mut app = cockpit(&view, palette, Glyphs::Unicode);
            press(&mut app, key);
            lines(&painted(&app, SIZE.0, SIZE.1))
        };
        let plain = text(Palette::Mono);
        for palette in [Palette::Auto, Palette::Light, Palette::Dark, Palette::HighContrast] {
            assert_eq!(text(palette), plain, "pane {key}, {palette:?}");
        }
    }
}

#[test]
fn mono_has_no_colour_and_no_theme_is_dim() {
    let (_folder, view) = demo();
    for palette in [Palette::Auto, Palette::Light, Palette::Dark, Palette::HighContrast, Palette::Mono] {
        let mut app = cockpit(&view, palette, Glyphs::Unicode);
        for key in PANES.split(' ') {
            press(&mut app, key);
            for cell in painted(&app, SIZE.0, SIZE.1).content() {
                assert!(!cell.modifier.contains(Modifier::DIM), "{palette:?}, pane {key}");
                let colours = (cell.fg, cell.bg);
                match palette {
                    Palette::Mono => assert_eq!(colours, (Color::Reset, Color::Reset), "pane {key}"),
                    // It does not depend on the terminal's own colours anywhere.
                    Palette::HighContrast => {
                        assert!(colours.0 != Color::Reset && colours.1 == Color::Black, "pane {key}: {colours:?}");
                    }
                    Palette::Auto | Palette::Light | Palette::Dark => assert_eq!(cell.bg, Color::Reset, "pane {key}"),
                }
            }
        }
    }
}

/// Whether a screen has a line with all of these words in their order.
fn has_line(screen: &[String], words: &[&str]) -> bool {
    screen.iter().any(|line| {
        let mut rest = line.as_str();
        words.iter().all(|word| match rest.split_once(word) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}

#[test]
fn verdicts_are_words_at_every_width() {
    let (_folder, view) = demo();
    let seen: BTreeSet<&str> = view.gates.judged.iter().map(|one| one.verdict.name()).collect();
    assert!(seen.len() >= 4, "{seen:?}");
    for (glyphs, width) in [(Glyphs::Unicode, 120), (Glyphs::Ascii, 120), (Glyphs::Unicode, 40), (Glyphs::Ascii, 40)] {
        let mut app = cockpit(&view, Palette::Mono, glyphs);
        app.handle(Event::Input(Input::Resize(width, 90)));
        press(&mut app, "4");
        let screen = lines(&painted(&app, width, 90));
        for one in &view.gates.judged {
            let words = [one.clause.id.as_str(), one.verdict.name()];
            assert!(has_line(&screen, &words), "{glyphs:?}, {width}: {words:?}\n{}", screen.join("\n"));
        }
    }
}

#[test]
fn states_of_steps_have_boxes_of_their_own() {
    let (folder, _) = demo();
    let list = folder.path().join("docs/CODEX_SESSION_CHECKLIST.md");
    std::fs::write(&list, "# Session checklist\n\n- [ ] First\n- [ ] Second\n- [ ] Third\n- [x] Fourth\n")
        .expect("written");
    let mut bench = Workbench::open(folder.path()).expect("a workspace");
    bench.load_all();
    let actor = Actor { name: "tester".to_owned(), via: "cockpit".to_owned() };
    let steps: Vec<_> =
        bench.view().checklists[0].sections.iter().flat_map(|s| &s.steps).map(|s| s.id.clone()).collect();
    let marks = [Mark::Failed { seen: "it broke".to_owned() }, Mark::NotApplicable { reason: "no need".to_owned() }];
    for (step, mark) in steps.into_iter().skip(1).zip(marks) {
        let request = Request::Mark { step, seen: StepState::Open, mark };
        assert!(matches!(bench.run(&request, &actor), Outcome::Done { .. }));
    }
    let view = view_of(folder.path());
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
        let mut app = cockpit(&view, Palette::Mono, glyphs);
        press(&mut app, "1");
        let screen = lines(&painted(&app, SIZE.0, SIZE.1));
        for words in [["[ ]", "First"], ["[!]", "Second"], ["[-]", "Third"], ["[x]", "Fourth"]] {
            assert!(has_line(&screen, &words), "{glyphs:?}: {words:?}\n{}", screen.join("\n"));
        }
    }
}

#[test]
fn what_the_cockpit_draws_itself_is_ascii_when_asked() {
    let (folder, _) = demo();
    // Documents keep their own characters: these are turned into ASCII so that everything else must be the cockpit's.
    for entry in walk(folder.path()) {
        let text = std::fs::read_to_string(&entry).expect("text");
        std::fs::write(&entry, text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect::<String>())
            .expect("written");
    }
    let view = view_of(folder.path());
    let mut app = cockpit(&view, Palette::Mono, Glyphs::Ascii);
    let mut found = BTreeMap::new();
    for key in PANES.split(' ').chain(["?", "esc", ":", "esc", "!"]) {
        press(&mut app, key);
        for line in lines(&painted(&app, SIZE.0, SIZE.1)) {
            // The sign of a cut text is one of the few that every terminal has.
            if let Some(c) = line.chars().find(|c| !c.is_ascii() && *c != '…') {
                found.entry((key, c)).or_insert(line);
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
