//! The way of an edit through the dialogs, with a pane that asks everything.

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;

use super::*;
use crate::doc::{Addition, DocId};
use crate::model::query::{FieldName, Query};
use crate::op::{Change, Conflict, Edit, Intent, OpId, Operation};
use crate::tui::pane::{About, Ask, Choice, ChooseSpec, Current, EditorSpec, FieldValue, FormField, FormSpec, PaneId};
use crate::workbench::{Order, Outcome};

/// From the fifth view on, somebody else has written another title.
#[derive(Default)]
struct Fake;

fn operation(summary: &str, removes: usize) -> Operation {
    let doc = DocId::new("docs/x.csv").unwrap();
    let addition = Addition::Record { header: vec!["ID".to_owned()], fields: vec!["1".to_owned()] };
    let change = Change::TakeOut { addition, inserted: None, created: false, folders: 0 };
    Operation {
        intent: Intent { verb: "task set".to_owned(), summary: summary.to_owned() },
        edits: vec![Edit { doc, change }; removes],
        undoes: None,
    }
}

impl Pane for Fake {
    fn id(&self) -> PaneId {
        PaneId::Board
    }
    fn context(&self) -> Context {
        Context::Board
    }
    fn title(&self, _cx: &Cx<'_>) -> String {
        String::new()
    }
    fn refresh(&mut self, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn fit(&mut self, _cx: &Cx<'_>) {}
    fn act(&mut self, action: Action, _cx: &Cx<'_>) -> Flow {
        let (title, pane) = ("Title".to_owned(), PaneId::Board);
        match action {
            Action::Open => Flow::Edit(Box::new(EditorSpec {
                title,
                places: Vec::new(),
                text: "old".to_owned(),
                hint: String::new(),
                about: About::Field { id: "T-1".to_owned(), field: "title".to_owned() },
                pane,
            })),
            Action::Sort => {
                let value = FieldValue::Line("old".to_owned());
                let field =
                    FormField { key: "title".to_owned(), label: "Title".to_owned(), value, note: String::new() };
                Flow::Form(Box::new(FormSpec { title, fields: vec![field], about: About::NewTask, pane }))
            }
            Action::Plan => {
                let option = |key: &str| Choice { key: key.to_owned(), label: key.to_owned(), note: String::new() };
                let options = ["blocked", "done"].map(option).to_vec();
                Flow::Choose(Box::new(ChooseSpec { title, options, at: 0, about: About::State(Vec::new()), pane }))
            }
            Action::SwitchView => Flow::Preview(Box::new(operation("remove", 3))),
            _ => Flow::Passed,
        }
    }
    fn click(&mut self, _column: u16, _row: u16, _double: bool, _cx: &Cx<'_>) -> Flow {
        Flow::Passed
    }
    fn wheel(&mut self, _lines: i32, _cx: &Cx<'_>) -> Vec<Effect> {
        Vec::new()
    }
    fn answer(&mut self, about: &About, text: &str, _cx: &Cx<'_>) -> Flow {
        match about {
            About::State(_) if text == "blocked" => Flow::Ask(Ask {
                about: About::BlockReason(Vec::new()),
                title: "Why?".to_owned(),
                context: String::new(),
                hint: String::new(),
                may_be_empty: false,
            }),
            About::Field { .. } if text.is_empty() => Flow::Say("a title is needed".to_owned()),
            _ => Flow::Preview(Box::new(operation(text, 0))),
        }
    }
    fn filled(&mut self, _about: &About, values: &[(String, FieldValue)], _cx: &Cx<'_>) -> Flow {
        match values[0].1.text() {
            "" => Flow::Say("a title is needed".to_owned()),
            title => Flow::Preview(Box::new(operation(title, 0))),
        }
    }
    fn current(&self, _about: &About, cx: &Cx<'_>) -> Current {
        if cx.view.generation < 5 { Current::Text("old".to_owned()) } else { Current::Text("theirs".to_owned()) }
    }
    fn filter(&self) -> &str {
        ""
    }
    fn set_filter(&mut self, _text: &str, _cx: &Cx<'_>) {}
    fn fields(&self) -> Option<&'static [FieldName]> {
        None
    }
    fn query(&self) -> Option<&Query> {
        None
    }
    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        None
    }
    fn clip(&self, _what: Clip, _cx: &Cx<'_>) -> Option<String> {
        None
    }
    fn draw(&self, _buf: &mut Buffer, _cx: &Cx<'_>) {}
}

fn app() -> App {
    let mut app = App::new(Theme::default(), Keymap::default(), 80, 24);
    app.panes[PaneId::Board as usize] = Box::new(Fake);
    view(&mut app, 1);
    app
}

fn view(app: &mut App, generation: u64) -> Vec<Effect> {
    let view = Arc::new(View { generation, ..View::default() });
    app.handle(Event::Report(Report::View(view)))
}

fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let press = |key: &str| {
        let key: Key = key.parse().unwrap();
        app.handle(Event::Input(Input::Key(key.into())))
    };
    keys.split(' ').flat_map(press).collect()
}

fn type_in(app: &mut App, text: &str) {
    for c in text.chars() {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        assert_eq!(app.handle(Event::Input(Input::Key(key))), []);
    }
}

/// The operation whose preview is ordered, answered with a diff.
fn previewed(app: &mut App, effects: &[Effect]) -> Operation {
    let [Effect::Order(Order::Preview { ticket, operation })] = effects else { panic!("{effects:?}") };
    let diff = "--- a/docs/x.csv\n+++ b/docs/x.csv\n@@ -1 +1 @@\n-old\n+new\n".to_owned();
    app.handle(Event::Report(Report::Previewed { ticket: *ticket, result: Ok(diff) }));
    operation.clone()
}

fn done(app: &mut App, ticket: u64, outcome: Outcome) {
    app.handle(Event::Report(Report::Done { ticket, outcome }));
}

fn saved() -> Outcome {
    Outcome::Done { op: OpId(1), message: "set it".to_owned(), files: Vec::new(), notes: Vec::new() }
}

fn conflict(mine: &Operation) -> Outcome {
    let conflict = Conflict {
        doc: DocId::new("docs/x.csv").unwrap(),
        cell: None,
        line: Some(2),
        base: "old".to_owned(),
        theirs: Some("theirs".to_owned()),
        mine: "new".to_owned(),
    };
    Outcome::Conflict { conflicts: vec![conflict], mine: mine.clone() }
}

fn screen(app: &App) -> String {
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| app.draw(frame)).unwrap();
    let buffer = terminal.backend().buffer();
    (0..24).map(|y| (0..80).map(|x| buffer[(x, y)].symbol()).collect::<String>() + "\n").collect()
}

#[test]
fn an_edit_closes_when_it_is_written_and_not_before() {
    let mut app = app();
    press(&mut app, "enter");
    type_in(&mut app, "er");
    let effects = press(&mut app, "enter");
    assert_eq!(previewed(&mut app, &effects), operation("older", 0));
    // Back to the draft, and forth again.
    press(&mut app, "esc");
    assert!(matches!(app.dialog(), Some(Overlay::Editor(_))));
    type_in(&mut app, "!");
    let effects = press(&mut app, "enter");
    let meant = previewed(&mut app, &effects);
    assert_eq!(press(&mut app, "enter"), [Effect::Do(Request::Commit(meant))]);
    assert_eq!(app.overlays.len(), 2);
    // Somebody else's answer changes nothing.
    done(&mut app, 7, saved());
    assert_eq!(app.overlays.len(), 2);
    // What is typed meanwhile goes nowhere.
    assert_eq!(press(&mut app, "enter x q"), []);
    done(&mut app, 1, saved());
    assert!(app.dialog().is_none());
    assert!(screen(&app).contains("set it"));
}

#[test]
fn a_refused_write_leaves_the_draft() {
    let mut app = app();
    press(&mut app, "s");
    type_in(&mut app, "er");
    let effects = press(&mut app, "ctrl-s");
    previewed(&mut app, &effects);
    press(&mut app, "enter");
    done(&mut app, 1, Outcome::Refused { message: "docs/x.csv: no such row".to_owned() });
    assert!(matches!(app.dialog(), Some(Overlay::Form(_))));
    assert_eq!(screen(&app).matches("docs/x.csv: no such row").count(), 2, "{}", screen(&app));
    let effects = press(&mut app, "ctrl-s");
    assert_eq!(previewed(&mut app, &effects), operation("older", 0));
    // A pane's refusal is said in the form.
    press(&mut app, "esc ctrl-u");
    assert_eq!(press(&mut app, "ctrl-s"), []);
    assert!(screen(&app).contains("a title is needed"));
}

#[test]
fn a_conflict_lies_on_the_draft_until_it_is_decided() {
    let mine = operation("mine", 0);
    let begun = || {
        let mut app = app();
        press(&mut app, "enter");
        type_in(&mut app, "er");
        let effects = press(&mut app, "enter");
        previewed(&mut app, &effects);
        press(&mut app, "enter");
        done(&mut app, 1, conflict(&mine));
        assert!(matches!(app.dialog(), Some(Overlay::Conflict(_))));
        assert!(screen(&app).contains("esc back to your draft"), "{}", screen(&app));
        app
    };
    let mut app = begun();
    assert_eq!(press(&mut app, "m"), [Effect::Do(Request::Commit(mine.clone()))]);
    assert_eq!(app.overlays.len(), 2);
    done(&mut app, 2, saved());
    assert!(app.dialog().is_none());

    let mut app = begun();
    assert_eq!(press(&mut app, "t"), []);
    assert!(app.dialog().is_none());

    let mut app = begun();
    press(&mut app, "esc");
    assert!(matches!(app.dialog(), Some(Overlay::Editor(_))) && app.undecided.is_empty());
    assert!(screen(&app).contains("older"));
}

#[test]
fn a_conflict_is_met_before_anything_is_written() {
    let mut app = app();
    press(&mut app, "enter");
    type_in(&mut app, "er");
    let effects = press(&mut app, "enter");
    let [Effect::Order(Order::Preview { ticket, operation })] = effects.as_slice() else { panic!("{effects:?}") };
    let result = Err(conflict(operation));
    app.handle(Event::Report(Report::Previewed { ticket: *ticket, result }));
    assert!(matches!(app.dialog(), Some(Overlay::Conflict(_))));
    press(&mut app, "esc");
    assert!(matches!(app.dialog(), Some(Overlay::Editor(_))));
}

#[test]
fn a_choice_that_asks_more_closes_with_all_of_it() {
    let mut app = app();
    press(&mut app, "p enter");
    assert!(matches!(app.dialog(), Some(Overlay::Input(_))));
    type_in(&mut app, "waiting");
    let effects = press(&mut app, "enter");
    assert_eq!(previewed(&mut app, &effects), operation("waiting", 0));
    // The diff, then what was typed: that goes with the second one.
    press(&mut app, "esc esc esc");
    assert!(matches!(app.dialog(), Some(Overlay::Choose(_))));
    let effects = press(&mut app, "down enter");
    previewed(&mut app, &effects);
    press(&mut app, "enter");
    done(&mut app, 1, saved());
    assert!(app.dialog().is_none());
}

#[test]
fn many_rows_are_confirmed_by_their_number() {
    let mut app = app();
    let effects = press(&mut app, "v");
    let meant = previewed(&mut app, &effects);
    assert_eq!(press(&mut app, "enter y"), []);
    assert_eq!(press(&mut app, "3 enter"), [Effect::Do(Request::Confirmed { operation: meant, rows: 3 })]);
    // Nothing is typed that could be lost: the board is back at once.
    assert!(app.dialog().is_none());
    assert_eq!(app.pending(), 1);
    // Mine over theirs removes as many: it is asked for again.
    done(&mut app, 1, conflict(&operation("mine", 3)));
    let effects = press(&mut app, "m");
    assert_eq!(previewed(&mut app, &effects), operation("mine", 3));
}

#[test]
fn a_new_view_keeps_the_draft_and_makes_the_diff_again() {
    let mut app = app();
    press(&mut app, "enter");
    type_in(&mut app, "er");
    assert_eq!(view(&mut app, 2), []);
    assert!(!screen(&app).contains("on disk"));
    assert_eq!(view(&mut app, 5), []);
    let shown = screen(&app);
    assert!(shown.contains("older") && shown.contains("changed on disk: theirs"), "{shown}");
    let effects = press(&mut app, "enter enter");
    previewed(&mut app, &effects);
    let effects = view(&mut app, 6);
    assert_eq!(previewed(&mut app, &effects), operation("older", 0));
    app.handle(Event::Input(Input::Resize(40, 12)));
    press(&mut app, "esc");
    assert!(screen(&app).contains("older"));
    // Leaving asks, leaving at once does not.
    assert_eq!(app.quit(), []);
    assert!(matches!(app.dialog(), Some(Overlay::Leave)));
    assert_eq!(press(&mut app, "ctrl-c"), [Effect::Quit]);
}

#[test]
fn a_paste_goes_into_the_dialog() {
    let mut app = app();
    press(&mut app, "enter");
    app.handle(Event::Input(Input::Paste("\r\nq".to_owned())));
    let effects = press(&mut app, "ctrl-s");
    assert_eq!(previewed(&mut app, &effects), operation("old\nq", 0));
}

#[test]
fn a_job_that_is_over_is_not_asked_about_any_more_and_its_keys_are_those_in_force() {
    use crate::workbench::track::job::{End, Progress};
    use crate::workbench::track::online::Job;
    let keys = std::collections::BTreeMap::from([("end".to_owned(), vec!["f9".to_owned()])]);
    let mut app = App::new(Theme::default(), Keymap::new(&keys).0, 80, 24);
    view(&mut app, 1);
    let mut job = Progress::new(Job::Plan);
    let tell = |app: &mut App, job: &Progress| app.handle(Event::Report(Report::Job(Arc::new(job.clone()))));
    tell(&mut app, &job);
    assert_eq!(app.ask_for(Job::Run), []);
    assert!(screen(&app).contains("track plan is at work; f9 ends it"), "{}", screen(&app));
    press(&mut app, "f9");
    assert!(matches!(app.dialog(), Some(Overlay::Confirm(_))));
    job.end = Some(End::Nothing("no answer".to_owned()));
    tell(&mut app, &job);
    assert!(app.dialog().is_none());
}
