//! What one key costs on the drawing side, without a terminal: handle, draw, compare; then in each pane, and a new size.
//! `cargo bench --bench cockpit [-- DIR]` measures on the workspace in DIR, or on the demo.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codex_tui::tui::app::App;
use codex_tui::tui::event::Event;
use codex_tui::tui::keymap::Keymap;
use codex_tui::tui::theme::Theme;
use codex_tui::workbench::{Report, Workbench, demo};
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn main() {
    let demo = demo::temporary().expect("the demo");
    let root = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).map(PathBuf::from);
    let mut bench = Workbench::open(root.as_deref().unwrap_or(demo.path())).expect("a workspace");
    bench.load_all();
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut app = App::new(Theme::default(), Keymap::default(), width, height);
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        app.handle(Event::Report(Report::View(Arc::new(bench.view().clone()))));
        let mut handled = Vec::new();
        let mut painted = Vec::new();
        let mut drawn = Vec::new();
        let mut copied = Vec::new();
        let mut same = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        for round in 0..400 {
            let key = KeyCode::Char(if round % 40 < 20 { 'j' } else { 'k' });
            let start = Instant::now();
            app.handle(Event::Input(Input::Key(KeyEvent::new(key, KeyModifiers::NONE))));
            handled.push(start.elapsed());
            let start = Instant::now();
            terminal.draw(|frame| app.draw(frame)).expect("a frame");
            drawn.push(start.elapsed());
            app.handle(Event::Input(Input::Key(KeyEvent::new(key, KeyModifiers::NONE))));
            let start = Instant::now();
            same.draw(|frame| {
                app.draw(frame);
                painted.push(start.elapsed());
            })
            .expect("a frame");
            let shown = same.backend().buffer().clone();
            let start = Instant::now();
            same.draw(|frame| frame.buffer_mut().content.clone_from_slice(&shown.content)).expect("a frame");
            copied.push(start.elapsed());
        }
        println!(
            "{width}x{height}: handle {:>8.2?}  draw and compare {:>8.2?}  draw alone {:>8.2?}  copy and compare {:>8.2?}",
            median(handled),
            median(drawn),
            median(painted),
            median(copied)
        );
    }
    panes(&bench);
}

/// A key in each pane, and the screen in another size.
fn panes(bench: &Workbench) {
    let mut app = App::new(Theme::default(), Keymap::default(), 120, 40);
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    app.handle(Event::Report(Report::View(Arc::new(bench.view().clone()))));
    let mut key = |code| {
        let start = Instant::now();
        app.handle(Event::Input(Input::Key(KeyEvent::new(code, KeyModifiers::NONE))));
        terminal.draw(|frame| app.draw(frame)).expect("a frame");
        start.elapsed()
    };
    for pane in "1234567890T".chars() {
        key(KeyCode::Char(pane));
        let keys = (0..200).map(|round| key(if round % 20 < 10 { KeyCode::Down } else { KeyCode::Up })).collect();
        println!("pane {pane}: handle and draw {:>8.2?}", median(keys));
    }
    let sizes = (0..100).map(|round| {
        let (width, height) = if round % 2 == 0 { (90, 30) } else { (120, 40) };
        terminal.backend_mut().resize(width, height);
        let start = Instant::now();
        app.handle(Event::Input(Input::Resize(width, height)));
        terminal.draw(|frame| app.draw(frame)).expect("a frame");
        start.elapsed()
    });
    println!("resize: handle and draw {:>8.2?}", median(sizes.collect()));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
