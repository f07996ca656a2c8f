//! The pictures of the documentation are what the program paints: each is a frame of the cockpit on an embedded demo, as
//! SVG, and is compared here with one that is painted now. This paints them anew:
//!
//! ```sh
//! CODEX_TUI_PICTURES=write cargo test --test it pictures
//! ```

mod svg;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, Local, Utc};
use codex_tui::workbench::demo::{self, Layout};
use codex_tui::workbench::gates::{GateReader, Question};
use codex_tui::workbench::track::read::Reader;

use super::editing::{Stage, stage_in};

/// A frame that is worth a picture.
struct Picture {
    name: &'static str,
    /// What it shows, for those who cannot see it.
    says: &'static str,
    layout: Layout,
    width: u16,
    height: u16,
    /// What the operator does before.
    play: fn(&mut Stage),
}

const PICTURES: &[Picture] = &[
    Picture {
        name: "overview",
        says: "The cockpit at 120 columns: checklist on the left, board and session log beside it",
        layout: Layout::Plans,
        width: 120,
        height: 36,
        play: |_| {},
    },
    Picture {
        name: "checklist",
        says: "The session checklist in a split of 60 columns, with the current step in full",
        layout: Layout::Plans,
        width: 60,
        height: 24,
        play: |stage| stage.press("1 ."),
    },
    Picture {
        name: "board",
        says: "The board as kanban, on the task that is to be done next; below it the reasons",
        layout: Layout::Plans,
        width: 120,
        height: 18,
        play: |stage| stage.press("2 z v ."),
    },
    Picture {
        name: "gates",
        says: "Gates with verdict and value, and how the value of the first one was computed",
        layout: Layout::Plans,
        width: 120,
        height: 30,
        play: |stage| stage.press("4 z"),
    },
    Picture {
        name: "sync",
        says: "Which document carries which task, and what they disagree about",
        layout: Layout::Plans,
        width: 100,
        height: 30,
        play: |stage| stage.press("7 z"),
    },
    Picture {
        name: "diff",
        says: "The exact diff of a move, before anything is written",
        layout: Layout::Plans,
        width: 100,
        height: 30,
        play: |stage| stage.press("2 z / H B - A - 0 0 5 enter L"),
    },
    Picture {
        name: "conflict",
        says: "The title was changed by somebody else while it was edited here: both values, and the choice",
        layout: Layout::Plans,
        width: 100,
        height: 24,
        play: |stage| {
            stage.press("2 z / H B - A - 0 0 5 enter e enter");
            stage.type_in(" in a row");
            let board = stage.bench.view().root.join("docs/taskboard/TaskBoard.csv");
            let text = std::fs::read_to_string(&board).expect("the board");
            std::fs::write(&board, text.replace("that fail three sweeps", "after three failures")).expect("written");
            stage.press("enter");
        },
    },
    Picture {
        name: "log",
        says: "The active session's log as it grows",
        layout: Layout::Plans,
        width: 100,
        height: 30,
        play: |stage| stage.press("5 z"),
    },
    Picture {
        name: "tracks",
        says: "Health and ageing of both tracks, silent components and integrity, from the pipeline's telemetry",
        layout: Layout::Tracks,
        width: 120,
        height: 36,
        play: |stage| stage.press("T z"),
    },
];

/// A moment on the day with which the demos end: what is shown depends on no clock.
fn now() -> DateTime<Utc> {
    "2026-11-20T17:12:00Z".parse().expect("a time")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}

fn painted(picture: &Picture) -> String {
    let demo = demo::temporary_of(picture.layout).expect("the demo");
    let (width, height) = (picture.width, picture.height);
    let mut stage = stage_in(tempfile::tempdir().expect("a folder"), demo.path(), width, height);
    stage.app.set_now(now().with_timezone(&Local).naive_local());
    let mut view = stage.bench.view().clone();
    view.sync = Arc::new(stage.bench.sync());
    let question = Question { at: Some(now().date_naive()), source: None };
    let gates = GateReader::default().judge(&stage.bench.gates(), &question, &|_| {}, &AtomicBool::new(false));
    view.gates = Arc::new(gates.expect("nobody cancels"));
    view.tracks = Some(Arc::new(stage.bench.tracks().read(&mut Reader::default(), now())));
    stage.tell(view);
    (picture.play)(&mut stage);
    svg::write(&stage.paint(width, height), picture.says)
}

#[test]
fn the_pictures_are_what_the_program_paints() {
    let is_asked_for = std::env::var_os("CODEX_TUI_PICTURES").is_some_and(|value| value == "write");
    for picture in PICTURES {
        let path = folder().join(picture.name).with_extension("svg");
        let painted = painted(picture);
        if is_asked_for {
            std::fs::create_dir_all(folder()).expect("a folder");
            std::fs::write(&path, &painted).expect("a picture");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == painted,
            "docs/pictures/{}.svg is not what the program paints now. `CODEX_TUI_PICTURES=write cargo test --test it \
             pictures` paints all pictures anew; look at them before you commit them.",
            picture.name
        );
    }
}

#[test]
fn every_picture_is_shown_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = std::fs::read_to_string(root.join("README.md")).expect("README.md");
    for entry in std::fs::read_dir(root.join("docs")).expect("docs").flatten() {
        pages += &std::fs::read_to_string(entry.path()).unwrap_or_default();
    }
    for entry in std::fs::read_dir(folder()).expect("docs/pictures").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".svg") {
            continue;
        }
        assert!(PICTURES.iter().any(|picture| name == format!("{}.svg", picture.name)), "{name}: who paints it?");
        assert!(pages.contains(&format!("pictures/{name})")), "{name}: no page shows it");
    }
}
