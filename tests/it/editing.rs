//! Tasks edited from the cockpit: keys in, documents out. The app's effects are performed on a real workspace, as the
//! loop performs them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::NaiveDate;
use codex_tui::tui::app::App;
use codex_tui::tui::effect::Effect;
use codex_tui::tui::event::Event;
use codex_tui::tui::keymap::{Key, Keymap};
use codex_tui::tui::overlay::Overlay;
use codex_tui::tui::theme::Theme;
use codex_tui::workbench::gates::{GateReader, Question};
use codex_tui::workbench::{Actor, LogChange, LogUpdate, Order, Outcome, Report, Request, View, Workbench};
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

const CSV: &str = "docs/taskboard/TaskBoard.csv";
const BOARD: &str = "docs/Harbor_TaskBoard.md";
const BACKLOG: &str = "docs/CODEX_BACKLOG.md";
const PLAN: &str = "docs/plans/PlanA_Collector.md";

const DOCUMENTS: &[(&str, &str)] = &[
    (
        CSV,
        "\"ID\",\"Title\",\"Column\",\"OwnerRole\",\"Deliverable\",\"PlanLink\",\"Notes\"\r\n\
         \"HB-A-001\",\"Retry the polls\",\"Ready\",\"Collector\",\"first <br> - second\",\"docs/plans/PlanA_Collector.md\",\"\"\r\n\
         \"HB-A-002\",\"Fair queue\",\"In Progress\",\"Ops\",\"\",\"docs/plans/PlanA_Collector.md\",\"old note\"\r\n",
    ),
    (
        BOARD,
        "# Board\n\n## Now (2026-01-30)\n| ID | Title | Column | Owner/Role | Deliverable | Links |\n|--|--|--|--|--|--|\n\
         | HB-A-001 | Retry the polls | Ready | Collector | first <br> - second | docs/plans/PlanA_Collector.md |\n\
         <!-- a comment -->\n\
         | HB-A-002 | Fair queue | In Progress (WIP 1/2) | Ops |  | docs/plans/PlanA_Collector.md |\n\nThe end.\n",
    ),
    (
        BACKLOG,
        "# Backlog\n\n| ID | Plan | Title | Preconditions | Definition of done | Notes |\n|--|--|--|--|--|--|\n\
         | HB-A-001 | Plan A | Retry the polls | – | Polls retried | |\n",
    ),
    (
        PLAN,
        "# Plan A - Collector\n\n## Active work\n| ID | Title | Owner | Status | Notes |\n|--|--|--|--|--|\n\
         | HB-A-001 | Retry the polls | Collector | Ready | |\n| HB-A-002 | Fair queue | Ops | In progress | x |\n",
    ),
];

/// A workspace and a cockpit on it.
pub struct Stage {
    pub folder: tempfile::TempDir,
    pub bench: Workbench,
    pub app: App,
    ticket: u64,
    outcomes: Vec<Outcome>,
    /// What was put on the clipboard.
    pub copied: Vec<String>,
    /// Judges the gates for every view, as the thread beside the workbench does.
    judge: Option<GateReader>,
}

/// Writes a document, with its folders.
pub fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

fn stage(width: u16, height: u16) -> Stage {
    stage_of(DOCUMENTS, width, height)
}

/// A cockpit of this size on a workspace with these documents, at 10:12 on 2026-01-31.
pub fn stage_of(documents: &[(&str, &str)], width: u16, height: u16) -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in documents {
        write(folder.path(), path, text);
    }
    let root = folder.path().to_owned();
    stage_in(folder, &root, width, height)
}

/// The same on the workspace that is there, in this folder or below it.
pub fn stage_in(folder: tempfile::TempDir, root: &Path, width: u16, height: u16) -> Stage {
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.set_keeper(Path::new(env!("CARGO_BIN_EXE_codex-tui")));
    bench.load_all();
    let mut app = App::new(Theme::default(), Keymap::default(), width, height);
    app.set_now(NaiveDate::from_ymd_opt(2026, 1, 31).and_then(|day| day.and_hms_opt(10, 12, 0)).expect("a time"));
    app.set_who("tester");
    let mut stage = Stage { folder, bench, app, ticket: 0, outcomes: Vec::new(), copied: Vec::new(), judge: None };
    stage.show();
    stage
}

impl Stage {
    /// Performs effects as the loop and the workbench thread do, until none is left.
    fn perform(&mut self, effects: Vec<Effect>) {
        let actor = Actor { name: "tester".to_owned(), via: "cockpit".to_owned() };
        for effect in effects {
            let event = match effect {
                Effect::Order(Order::Preview { ticket, operation }) => {
                    let result = self.bench.preview(&Request::Commit(operation));
                    Event::Report(Report::Previewed { ticket, result })
                }
                Effect::Do(request) => {
                    self.ticket += 1;
                    let outcome = self.bench.run(&request, &actor);
                    self.outcomes.push(outcome.clone());
                    self.show();
                    Event::Report(Report::Done { ticket: self.ticket, outcome })
                }
                Effect::Order(Order::Run { ticket, prepared }) => {
                    let outcome = match self.bench.begin(&prepared, |_| {}) {
                        Ok(running) => self.bench.record_run(&running.wait(), &actor),
                        Err(why) => Outcome::Refused { message: why.to_string() },
                    };
                    self.show();
                    Event::Report(Report::Done { ticket, outcome })
                }
                Effect::Order(Order::Finish { ticket, wanted }) => {
                    let result = self.bench.finish(&wanted).map(Box::new);
                    Event::Report(Report::Finishing { ticket, result })
                }
                Effect::Order(Order::Handoff { ticket }) => {
                    Event::Report(Report::Handoff { ticket, result: self.bench.handoff() })
                }
                Effect::Order(Order::Look(paths)) => {
                    let root = &self.bench.view().root;
                    let found = paths.into_iter().map(|path| (root.join(&path).exists(), path));
                    Event::Report(Report::Looked(found.map(|(is_there, path)| (path, is_there)).collect()))
                }
                Effect::Order(Order::Follow(Some(doc))) => {
                    let text = std::fs::read_to_string(self.bench.view().root.join(doc.as_str())).expect("a log");
                    let lines = text.lines().map(str::to_owned).collect();
                    let change = LogChange::Reset { why: String::new(), lines };
                    Event::Report(Report::Log(LogUpdate { doc, change, size: text.len() as u64, from_start: true }))
                }
                Effect::Copy(text) => {
                    self.copied.push(text);
                    continue;
                }
                Effect::Order(_) | Effect::Editor { .. } | Effect::Mouse(_) | Effect::Suspend | Effect::Quit => {
                    continue;
                }
            };
            let more = self.app.handle(event);
            self.perform(more);
        }
    }

    /// Has the gates judged from now on.
    pub fn with_gates(mut self) -> Stage {
        self.judge = Some(GateReader::default());
        self.show();
        self
    }

    pub fn show(&mut self) {
        let mut view = self.bench.view().clone();
        if let Some(reader) = &mut self.judge {
            let gates = reader.judge(&self.bench.gates(), &Question::default(), &|_| {}, &AtomicBool::new(false));
            view.gates = Arc::new(gates.expect("nobody cancels"));
        }
        self.tell(view);
    }

    /// Shows a view.
    pub fn tell(&mut self, view: View) {
        let more = self.app.handle(Event::Report(Report::View(Arc::new(view))));
        self.perform(more);
    }

    /// Presses keys by their names in the key table, separated by blanks.
    pub fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            let key: Key = key.parse().expect("a key");
            let effects = self.app.handle(Event::Input(Input::Key(KeyEvent::from(key))));
            self.perform(effects);
        }
    }

    pub fn type_in(&mut self, text: &str) {
        for c in text.chars() {
            let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            let effects = self.app.handle(Event::Input(Input::Key(key)));
            self.perform(effects);
        }
    }

    fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) {
        let mouse = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        let effects = self.app.handle(Event::Input(Input::Mouse(mouse)));
        self.perform(effects);
    }

    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).expect("the document")
    }

    pub fn paint(&self, width: u16, height: u16) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| self.app.draw(frame)).expect("drawn");
        terminal.backend().buffer().clone()
    }

    pub fn screen(&self, width: u16, height: u16) -> String {
        let buffer = self.paint(width, height);
        let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(row).collect::<Vec<_>>().join("\n")
    }

    /// The documents are as they were, but for these replacements.
    #[track_caller]
    fn check(&self, changes: &[(&str, &str, &str)]) {
        for (path, text) in DOCUMENTS {
            let mut wanted = (*text).to_owned();
            for (_, from, to) in changes.iter().filter(|(doc, _, _)| doc == path) {
                assert!(wanted.contains(from), "{path} has no {from:?}");
                wanted = wanted.replacen(from, to, 1);
            }
            assert_eq!(self.text(path), wanted, "{path}");
        }
    }
}

#[test]
fn a_title_is_edited_in_every_document_after_its_diff_was_shown() {
    let mut stage = stage(100, 30);
    stage.press("e");
    assert!(stage.screen(100, 30).contains("Edit HB-A-001"), "{}", stage.screen(100, 30));
    stage.type_in("title");
    stage.press("enter");
    stage.type_in(" again");
    stage.press("enter");
    let screen = stage.screen(100, 30);
    assert!(screen.contains("TaskBoard.csv") && screen.contains("again"), "{screen}");
    stage.check(&[]);
    stage.press("enter");
    assert!(stage.app.dialog().is_none(), "{}", stage.screen(100, 30));
    let title = ("Retry the polls", "Retry the polls again");
    stage.check(&[
        (CSV, title.0, title.1),
        (BOARD, title.0, title.1),
        (BACKLOG, title.0, title.1),
        (PLAN, title.0, title.1),
    ]);
    stage.press("u");
    stage.check(&[]);
}

#[test]
fn one_document_alone_is_edited_on_request() {
    let mut stage = stage(100, 30);
    stage.press("ctrl-e");
    stage.type_in("title");
    stage.press("enter");
    stage.type_in("!");
    stage.press("enter enter");
    stage.check(&[(CSV, "Retry the polls", "Retry the polls!")]);
    assert!(stage.screen(100, 30).contains("HB-A-001 !"), "{}", stage.screen(100, 30));
    // Each document that carries the field is offered.
    stage.press("u ctrl-e");
    stage.type_in("title backlog");
    let screen = stage.screen(100, 30);
    assert!(screen.contains("in one document") && screen.contains("CODEX_BACKLOG.md: Retry the polls"), "{screen}");
    stage.press("enter");
    stage.type_in("!");
    stage.press("enter enter");
    stage.check(&[(BACKLOG, "Retry the polls", "Retry the polls!")]);
}

#[test]
fn a_task_is_moved_in_the_words_of_each_document() {
    let mut stage = stage(100, 30);
    stage.press("L enter");
    stage.check(&[
        (CSV, "\"Ready\"", "\"In Progress\""),
        (BOARD, "| Ready |", "| In Progress |"),
        (PLAN, "| Ready |", "| In Progress |"),
    ]);
    stage.press("u m");
    stage.type_in("Done");
    stage.press("enter enter");
    stage.check(&[
        (CSV, "\"Ready\"", "\"Done - 2026-01-31\""),
        (BOARD, "| Ready |", "| Done - 2026-01-31 |"),
        (PLAN, "| Ready |", "| Done - 2026-01-31 |"),
        (BACKLOG, "| Polls retried | |", "| Polls retried | Done 2026-01-31. |"),
    ]);
}

#[test]
fn a_blocked_task_says_why_wherever_there_are_notes() {
    let mut stage = stage(100, 30);
    stage.press("j b");
    stage.type_in("no bench");
    stage.press("enter enter");
    stage.check(&[
        (CSV, "\"In Progress\"", "\"Blocked\""),
        (CSV, "\"old note\"", "\"old note<br>Blocked (2026-01-31): no bench\""),
        (BOARD, "| In Progress (WIP 1/2) |", "| Blocked |"),
        (PLAN, "| In progress | x |", "| Blocked | x<br>Blocked (2026-01-31): no bench |"),
    ]);
}

#[test]
fn several_tasks_are_moved_in_one_operation() {
    let mut stage = stage(100, 30);
    stage.press("space space m");
    stage.type_in("Review");
    stage.press("enter enter");
    assert!(matches!(stage.outcomes.as_slice(), [Outcome::Done { files, .. }] if files.len() == 3));
    stage.check(&[
        (CSV, "\"Ready\"", "\"Ready for Review\""),
        (CSV, "\"In Progress\"", "\"Ready for Review\""),
        (BOARD, "| Ready |", "| Ready for Review |"),
        (BOARD, "| In Progress (WIP 1/2) |", "| Ready for Review |"),
        (PLAN, "| Ready |", "| Ready for Review |"),
        (PLAN, "| In progress |", "| Ready for Review |"),
    ]);
}

#[test]
fn a_clone_goes_where_its_original_stands() {
    let mut stage = stage(100, 30);
    stage.press("c");
    assert!(stage.screen(100, 30).contains("HB-A-003"), "{}", stage.screen(100, 30));
    stage.press("ctrl-s enter");
    stage.check(&[
        (
            CSV,
            "\"old note\"\r\n",
            "\"old note\"\r\n\"HB-A-003\",\"Retry the polls\",\"Backlog\",\"Collector\",\"first <br> - second\",\
             \"docs/plans/PlanA_Collector.md\",\"\"\r\n",
        ),
        (
            BOARD,
            "docs/plans/PlanA_Collector.md |\n\nThe end",
            "docs/plans/PlanA_Collector.md |\n| HB-A-003 | Retry the polls | Backlog | Collector | first <br> - second | \
             docs/plans/PlanA_Collector.md |\n\nThe end",
        ),
        (
            BACKLOG,
            "| Polls retried | |\n",
            "| Polls retried | |\n| HB-A-003 | Plan A | Retry the polls | – | Polls retried |  |\n",
        ),
        (PLAN, "| x |\n", "| x |\n| HB-A-003 | Retry the polls | Collector | Backlog |  |\n"),
    ]);
    stage.press("u");
    stage.check(&[]);
}

#[test]
fn a_new_task_is_filled_in_and_goes_where_it_is_wanted() {
    let mut stage = stage(100, 30);
    stage.press("a enter down");
    stage.type_in("Watch the log");
    stage.press("ctrl-s");
    stage.press("enter");
    assert!(
        stage.text(CSV).ends_with(
            "\"HB-A-003\",\"Watch the log\",\"Backlog\",\"\",\"\",\"docs/plans/PlanA_Collector.md\",\"\"\r\n"
        )
    );
    assert!(stage.text(PLAN).ends_with("| HB-A-003 | Watch the log |  | Backlog |  |\n"), "{}", stage.text(PLAN));
    assert!(stage.text(BACKLOG).contains("| HB-A-003 | Plan A | Watch the log |"), "{}", stage.text(BACKLOG));
    // It is selected now, and the next one is no longer looked for.
    stage.press("enter");
    assert!(stage.screen(100, 30).contains("HB-A-003  Watch the log"), "{}", stage.screen(100, 30));
    stage.press("esc g u");
    assert!(!stage.text(CSV).contains("HB-A-003"));
    stage.press("ctrl-r enter");
    assert!(stage.screen(100, 30).contains("HB-A-001  Retry the polls"), "{}", stage.screen(100, 30));
}

#[test]
fn deleting_one_task_shows_its_rows_and_many_want_their_number() {
    let mut stage = stage(100, 30);
    stage.press("d enter");
    assert!(!stage.text(CSV).contains("HB-A-001") && !stage.text(BACKLOG).contains("HB-A-001"));
    stage.press("u");
    stage.check(&[]);
    stage.press("g space space d enter");
    stage.check(&[]);
    stage.type_in("7");
    stage.press("enter");
    assert!(!stage.text(CSV).contains("HB-A-00") && !stage.text(PLAN).contains("HB-A-00"), "{}", stage.text(CSV));
    stage.press("u");
    stage.check(&[]);
}

#[test]
fn a_draft_survives_what_others_write_and_a_clash_is_decided_by_the_operator() {
    let mut stage = stage(100, 30);
    stage.press("e");
    stage.type_in("title");
    stage.press("enter");
    stage.type_in(" mine");
    // Somebody else changes another cell: no clash.
    write(stage.folder.path(), CSV, &stage.text(CSV).replace("\"Ready\"", "\"Backlog\""));
    stage.bench.load_all();
    stage.show();
    assert!(stage.screen(100, 30).contains(" mine"), "{}", stage.screen(100, 30));
    // And then the same one.
    write(stage.folder.path(), CSV, &stage.text(CSV).replace("Retry the polls", "Retry theirs"));
    stage.bench.load_all();
    stage.show();
    let screen = stage.screen(100, 30);
    assert!(screen.contains(" mine") && screen.contains("Retry theirs"), "{screen}");
    stage.press("enter");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Conflict(_))), "{}", stage.screen(100, 30));
    let screen = stage.screen(100, 30);
    assert!(screen.contains("Retry theirs") && screen.contains("Retry the polls mine"), "{screen}");
    stage.press("m");
    assert!(stage.app.dialog().is_none(), "{}", stage.screen(100, 30));
    assert!(stage.text(CSV).contains("\"HB-A-001\",\"Retry the polls mine\",\"Backlog\""), "{}", stage.text(CSV));
    assert!(stage.text(PLAN).contains("Retry the polls mine"));
}

#[test]
fn a_card_is_dragged_to_another_column() {
    let (width, height) = (160, 40);
    let mut stage = stage(width, height);
    stage.press("z v");
    let screen = stage.screen(width, height);
    let find = |what: &str| {
        let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(what)).expect("on the screen");
        let at = line.find(what).expect("there");
        (line[..at].chars().count() as u16, row as u16)
    };
    let (from, to) = (find("HB-A-001"), find("HB-A-002"));
    stage.mouse(MouseEventKind::Down(MouseButton::Left), from.0, from.1);
    stage.mouse(MouseEventKind::Up(MouseButton::Left), to.0, to.1);
    assert!(matches!(stage.app.dialog(), Some(Overlay::Diff(_))), "{}", stage.screen(width, height));
    stage.press("enter");
    assert!(stage.text(CSV).contains("\"HB-A-001\",\"Retry the polls\",\"In Progress\""), "{}", stage.text(CSV));
}

#[test]
fn all_fields_are_edited_in_one_form() {
    let mut stage = stage(100, 40);
    stage.press("j i down end");
    stage.type_in("s");
    stage.press("ctrl-s enter");
    stage.check(&[
        (CSV, "Fair queue", "Fair queues"),
        (BOARD, "Fair queue", "Fair queues"),
        (PLAN, "Fair queue", "Fair queues"),
    ]);
}

#[test]
fn a_form_names_the_fields_that_others_change_and_keeps_the_draft() {
    let mut stage = stage(110, 40);
    stage.press("i tab end");
    stage.type_in(" again");
    let others = stage.text(CSV).replace("\"Collector\"", "\"Somebody\"");
    write(stage.folder.path(), CSV, &others);
    stage.bench.load_all();
    stage.show();
    let screen = stage.screen(110, 40);
    assert!(screen.contains("! changed on disk: OwnerRole; your draft is kept"), "{screen}");
    assert!(screen.contains("Retry the polls again"), "{screen}");
    for (path, text) in DOCUMENTS {
        write(stage.folder.path(), path, text);
    }
    stage.bench.load_all();
    stage.show();
    assert!(!stage.screen(110, 40).contains("changed on disk"), "{}", stage.screen(110, 40));
    for (path, text) in DOCUMENTS {
        write(stage.folder.path(), path, &text.replace("HB-A-001", "HB-A-111"));
    }
    stage.bench.load_all();
    stage.show();
    let screen = stage.screen(110, 40);
    assert!(screen.contains("! no longer there on disk") && screen.contains("Retry the polls again"), "{screen}");
}

#[test]
fn the_backlog_has_its_own_columns() {
    let mut stage = stage(140, 30);
    stage.press("6 z");
    let screen = stage.screen(140, 30);
    assert!(
        screen.contains("Preconditions") && screen.contains("HB-A-001") && !screen.contains("HB-A-002"),
        "{screen}"
    );
    stage.press("e");
    stage.type_in("Preconditions");
    stage.press("enter");
    stage.type_in(" none");
    stage.press("enter enter");
    stage.check(&[(BACKLOG, "| – |", "| – none |")]);
}

#[test]
fn the_next_task_is_selected_with_its_reasons() {
    let mut stage = stage(100, 30);
    stage.press("j .");
    let screen = stage.screen(100, 30);
    assert!(screen.contains("next: HB-A-001"), "{screen}");
}

#[test]
fn a_row_broken_by_hand_is_repaired_after_its_diff_was_shown() {
    let mut stage = stage(100, 30);
    // The mistake that boards have seen: a row appended to a file without a final line break.
    let glued =
        stage.text(CSV).trim_end().to_owned() + "HB-A-003,New one,Ready,Ops,,docs/plans/PlanA_Collector.md,\r\n";
    write(stage.folder.path(), CSV, &glued);
    stage.bench.load_all();
    stage.show();
    let screen = stage.screen(100, 30);
    // Somebody else broke it: the row is marked as new besides.
    assert!(screen.contains("HB-A-002•#"), "{screen}");
    stage.press("j x");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Diff(_))), "{}", stage.screen(100, 30));
    assert_eq!(stage.text(CSV), glued);
    stage.press("enter");
    let mended = stage.text(CSV);
    assert!(mended.contains("\"old note\"\r\nHB-A-003,New one,Ready"), "{mended}");
    assert!(stage.screen(100, 30).contains("HB-A-003"));
    stage.press("u");
    assert_eq!(stage.text(CSV), glued);
}

#[test]
fn a_saved_view_becomes_the_filter() {
    let mut stage = stage(100, 30);
    stage.press("f");
    stage.type_in("ready");
    stage.press("enter");
    let screen = stage.screen(100, 30);
    assert!(screen.contains("HB-A-001") && !screen.contains("HB-A-002") && screen.contains("1 of 2"), "{screen}");
    stage.press("esc");
    assert!(stage.screen(100, 30).contains("HB-A-002"));
}
