//! The form: each kind of field in its way, at every size.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;

use super::*;
use crate::tui::keymap::Keymap;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::sketch::{press, screen, type_in};

fn form() -> Overlay {
    let field = |key: &str, label: &str, value, note: &str| FormField {
        key: key.to_owned(),
        label: label.to_owned(),
        value,
        note: note.to_owned(),
    };
    let options = ["Backlog", "Ready", "In Progress", "Blocked", "Done"].map(str::to_owned).to_vec();
    let fields = vec![
        field("id", "Id", FieldValue::Fixed("HB-B-007".to_owned()), ""),
        field("title", "Title", FieldValue::Line("Find".to_owned()), "One sentence."),
        field("state", "State", FieldValue::Choice { options, at: 0 }, ""),
        field("notes", "Acceptance criteria", FieldValue::Text("first line\nsecond line".to_owned()), "Several lines."),
        field("into-1", "Into", FieldValue::Check(true), "docs/taskboard/TaskBoard.csv"),
        field("into-2", "", FieldValue::Check(true), "docs/plans/PlanB.md"),
    ];
    Overlay::Form(Box::new(Form::new(FormSpec {
        title: "New task".to_owned(),
        fields,
        about: About::NewTask,
        pane: PaneId::Board,
    })))
}

fn filled(dialog: &mut Overlay) -> Vec<String> {
    match press(dialog, "ctrl-s") {
        Reply::Filled { pane: PaneId::Board, about: About::NewTask, values } => {
            values.iter().map(|(key, value)| format!("{key}={}", value.text())).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_field_is_edited_in_its_way() {
    let mut dialog = form();
    assert!(!dialog.has_draft());
    type_in(&mut dialog, " it");
    assert!(dialog.has_draft());
    press(&mut dialog, "tab l right");
    press(&mut dialog, "down");
    type_in(&mut dialog, "!");
    press(&mut dialog, "enter");
    type_in(&mut dialog, "third");
    press(&mut dialog, "esc tab down space");
    let want = "id=HB-B-007 title=Find it state=In Progress notes=first line\nsecond line!\nthird into-1=yes into-2=no";
    assert_eq!(filled(&mut dialog).join(" "), want);
    let shown = screen(&dialog, 80, 24);
    for part in ["Title *", "State *", "< In Progress >", "second line! ⏎ third", "[ ] docs/plans/PlanB.md"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(!shown.contains("Into *"), "{shown}");
    press(&mut dialog, "up up up shift-tab");
    press(&mut dialog, "down b");
    assert!(filled(&mut dialog).contains(&"state=Blocked".to_owned()));
    press(&mut dialog, "b");
    assert!(filled(&mut dialog).contains(&"state=Backlog".to_owned()));
}

#[test]
fn a_refusal_stays_in_the_form_until_the_next_key() {
    let mut dialog = form();
    dialog.refuse("the id HB-B-007 is taken");
    assert!(screen(&dialog, 60, 20).contains("the id HB-B-007 is taken"));
    type_in(&mut dialog, "x");
    assert!(!screen(&dialog, 60, 20).contains("taken"));
    assert!(matches!(press(&mut dialog, "esc"), Reply::Stay));
    assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
    assert!(matches!(press(&mut form(), "esc"), Reply::Close));
}

#[test]
fn a_paste_goes_into_the_field() {
    let at = Rect::new(0, 0, 80, 24);
    let mut dialog = form();
    dialog.paste(" a\r\nb\n", at);
    press(&mut dialog, "down down");
    dialog.paste("\u{1b}c\r\nd", at);
    let values = filled(&mut dialog);
    assert!(values.contains(&"title=Find a b".to_owned()), "{values:?}");
    assert!(values.contains(&"notes=first line\nsecond line␛c\nd".to_owned()), "{values:?}");
}

#[test]
fn scrolls_where_it_is_small() {
    let mut dialog = form();
    for (width, height) in [(40, 12), (60, 20), (80, 24), (160, 50)] {
        let at = Rect::new(0, 0, width, height);
        let key = |dialog: &mut Overlay, code| dialog.key(KeyEvent::from(code), &Keymap::default(), at);
        for _ in 0..6 {
            key(&mut dialog, KeyCode::Up);
        }
        let shown = screen(&dialog, width, height);
        assert!(shown.contains("Title") && shown.contains("Find") && shown.contains("ctrl-s"), "{shown}");
        for _ in 0..6 {
            key(&mut dialog, KeyCode::Down);
        }
        let shown = screen(&dialog, width, height);
        assert!(shown.contains("docs/plans/PlanB.md"), "{shown}");
        key(&mut dialog, KeyCode::Up);
        key(&mut dialog, KeyCode::Up);
        key(&mut dialog, KeyCode::Enter);
        let shown = screen(&dialog, width, height);
        assert!(shown.contains("first line") && shown.contains("second line"), "{shown}");
        key(&mut dialog, KeyCode::Esc);
    }
}

#[test]
fn a_click_goes_into_a_field() {
    let mut dialog = form();
    let at = Rect::new(0, 0, 80, 24);
    let shown = screen(&dialog, 80, 24);
    let row = |text: &str| shown.lines().position(|line| line.contains(text)).unwrap_or_default() as u16;
    dialog.click((40, row("PlanB.md")), false, &Keymap::default(), at);
    dialog.click((5, row("Title")), false, &Keymap::default(), at);
    type_in(&mut dialog, "!");
    let values = filled(&mut dialog);
    assert!(values.contains(&"into-2=no".to_owned()) && values.contains(&"title=Find!".to_owned()), "{values:?}");
}

#[test]
fn no_size_panics() {
    let mut dialog = form();
    for (width, height) in (1..12).flat_map(|width| (1..9).map(move |height| (width, height))) {
        let at = Rect::new(0, 0, width, height);
        for code in [KeyCode::Down, KeyCode::Enter, KeyCode::Char('x'), KeyCode::Tab, KeyCode::PageUp] {
            dialog.key(KeyEvent::from(code), &Keymap::default(), at);
            dialog.wheel(3, &Keymap::default(), at);
            screen(&dialog, width, height);
            dialog.click((1, 1), false, &Keymap::default(), at);
            screen(&dialog, width, height);
            screen(&dialog, width + 3, height + 3);
        }
    }
}
