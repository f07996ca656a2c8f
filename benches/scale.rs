//! Large documents: a board of 100,000 rows, a Markdown page of 224 KB, a log that grows. `cargo bench --bench scale [-- ROWS]`.

#[path = "shared/memory.rs"]
mod memory;
#[path = "shared/rounds.rs"]
mod rounds;

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use codex_tui::model::query::Query;
use codex_tui::model::task::query::BOARD_FIELDS;
use codex_tui::store::tail::{Growth, Tail, WINDOW};
use codex_tui::tui::app::App;
use codex_tui::tui::event::Event;
use codex_tui::tui::keymap::Keymap;
use codex_tui::tui::theme::Theme;
use codex_tui::workbench::{Report, Workbench};
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use memory::peak_mb;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rounds::time;

fn main() {
    let rows = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(100_000);
    let dir = tempfile::tempdir().expect("a folder");
    let csv = dir.path().join("docs/taskboard/TaskBoard.csv");
    std::fs::create_dir_all(csv.parent().expect("a parent")).expect("a folder");
    std::fs::write(&csv, board(rows)).expect("a board");
    std::fs::write(dir.path().join("docs/Page.md"), page(224_000)).expect("a page");
    let bytes = std::fs::metadata(&csv).expect("the board").len();
    println!("a board of {rows} rows, {:.1} MB", bytes as f64 / 1e6);

    time("first rows", 5, || {
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_boards();
        assert!(!bench.view().tasks.is_empty());
    });
    time("all rows", 5, || {
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_all();
        assert_eq!(bench.view().tasks.len(), rows);
    });
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    for text in ["quokka", "state:done", "sort:title"] {
        let (tasks, query) = (&bench.view().tasks, Query::parse(text, BOARD_FIELDS));
        time(&format!("filter {text}"), 5, || {
            black_box(tasks.select(&query, &AtomicBool::new(false)).len());
        });
    }
    cockpit(&bench);
    println!("peak memory {:.1} MB, {:.2} times the board", peak_mb(), peak_mb() * 1048.576e3 / bytes as f64);
    growing(dir.path());
}

/// Keys in the long board and in the long page, without a terminal: handle and draw.
fn cockpit(bench: &Workbench) {
    let mut app = App::new(Theme::default(), Keymap::default(), 120, 40);
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    app.handle(Event::Report(Report::View(Arc::new(bench.view().clone()))));
    let mut press = |code| {
        app.handle(Event::Input(Input::Key(KeyEvent::new(code, KeyModifiers::NONE))));
        terminal.draw(|frame| app.draw(frame)).expect("a frame");
    };
    press(KeyCode::Char('2'));
    time("board: key, drawn", 200, || press(KeyCode::Down));
    time("board: last row and first row", 20, || {
        press(KeyCode::End);
        press(KeyCode::Home);
    });
    "8/Page".chars().for_each(|c| press(KeyCode::Char(c)));
    press(KeyCode::Enter);
    time("page: opened, drawn, and back", 20, || {
        press(KeyCode::Enter);
        press(KeyCode::Esc);
    });
    press(KeyCode::Enter);
    time("page: key, drawn", 200, || press(KeyCode::Down));
}

/// One line and ten thousand lines that come to a log which is followed.
fn growing(dir: &Path) {
    let path = dir.join("a.log");
    std::fs::write(&path, "a line of the log\n".repeat(200_000)).expect("a log");
    let mut tail = Tail::open(&path, WINDOW).expect("a log");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("the log");
    for lines in [1, 10_000] {
        let text = "a line of the log\n".repeat(lines);
        time(&format!("log: {lines} lines came"), 50, || {
            file.write_all(text.as_bytes()).expect("lines");
            let growth = tail.grew().expect("the log");
            assert!(matches!(growth, Growth::Appended { .. } | Growth::Jumped), "{growth:?}");
        });
    }
}

fn board(rows: usize) -> String {
    let mut text = "\"ID\",\"Title\",\"Column\",\"OwnerRole\",\"Deliverable\",\"PlanLink\",\"Notes\"\r\n".to_owned();
    for row in 0..rows {
        let state = ["Done - 2026-01-04", "In Progress", "Ready", "Blocked"][row % 4];
        let word = if row % 100 == 7 { "quokka" } else { "nothing" };
        let notes = "measured again, as agreed; ".repeat(10 + row % 20);
        let _ = write!(
            text,
            "\"HB-{row:06}\",\"Title of row {row}\",\"{state}\",\"Ops\",\"docs/plans/{row}.md\",\"\",\"{notes}{word}\"\r\n"
        );
    }
    text
}

fn page(bytes: usize) -> String {
    let mut text = "# A long page\n\n".to_owned();
    for at in 0.. {
        if text.len() >= bytes {
            break;
        }
        let _ = write!(
            text,
            "## Part {at}\n\nSome *words* with `code` and a [link](docs/Page.md), on two\nlines.\n\n| Id | State |\n|---|---|\n| HB-{at:06} | Done |\n\n- [x] one\n- [ ] two\n\n"
        );
    }
    text
}
