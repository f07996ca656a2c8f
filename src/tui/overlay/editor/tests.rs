//! The editor of one text: nothing that is typed or pasted gets lost.

use super::*;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::sketch::{press, screen, type_in};

fn editor(text: &str) -> Overlay {
    Overlay::Editor(Box::new(FieldEditor::new(EditorSpec {
        title: "Title of HB-B-001".to_owned(),
        places: vec!["docs/taskboard/TaskBoard.csv:12".to_owned(), "docs/plans/PlanB.md:7".to_owned()],
        text: text.to_owned(),
        hint: String::new(),
        about: About::Field { id: "HB-B-001".to_owned(), field: "title".to_owned() },
        pane: PaneId::Board,
    })))
}

fn edited(reply: Reply) -> String {
    match reply {
        Reply::Edited { pane: PaneId::Board, text, .. } => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn enter_hands_in_one_line() {
    let mut dialog = editor("Find it");
    type_in(&mut dialog, " soon");
    let screen = screen(&dialog, 80, 24);
    assert!(screen.contains("Find it soon") && screen.contains("in 2 documents"), "{screen}");
    assert!(dialog.has_draft());
    assert_eq!(edited(press(&mut dialog, "enter")), "Find it soon");
}

#[test]
fn a_broken_line_makes_it_several() {
    for key in ["alt-enter", "ctrl-j"] {
        let mut dialog = editor("one");
        press(&mut dialog, key);
        type_in(&mut dialog, "two");
        assert!(matches!(press(&mut dialog, "enter"), Reply::Stay));
        type_in(&mut dialog, "three");
        assert_eq!(edited(press(&mut dialog, "ctrl-s")), "one\ntwo\nthree");
    }
}

#[test]
fn a_paste_loses_nothing() {
    let mut dialog = editor("one");
    dialog.paste(" more\r\n", Rect::new(0, 0, 80, 24));
    assert_eq!(edited(press(&mut dialog, "enter")), "one more");
    dialog.paste(" a\r\nb\u{1b}\rc", Rect::new(0, 0, 80, 24));
    assert_eq!(edited(press(&mut dialog, "ctrl-s")), "one more a\nb␛\nc");
}

#[test]
fn a_change_on_disk_is_told_and_the_draft_is_kept() {
    let mut dialog = editor("Find it");
    type_in(&mut dialog, "!");
    let learn = |dialog: &mut Overlay, now: &Current| match dialog {
        Overlay::Editor(editor) => editor.refresh(now),
        other => panic!("{other:?}"),
    };
    learn(&mut dialog, &Current::Text("Find them".to_owned()));
    let shown = screen(&dialog, 80, 24);
    assert!(
        shown.contains("Find it!") && shown.contains("! changed on disk: Find them; your draft is kept"),
        "{shown}"
    );
    assert_eq!(edited(press(&mut dialog, "enter")), "Find it!");
    learn(&mut dialog, &Current::Gone);
    assert!(screen(&dialog, 80, 24).contains("no longer there"));
    learn(&mut dialog, &Current::Text("Find it".to_owned()));
    assert!(!screen(&dialog, 80, 24).contains("on disk"));
    assert_eq!(edited(press(&mut dialog, "enter")), "Find it!");
}

#[test]
fn escape_asks_before_it_drops_a_draft() {
    let mut dialog = editor("a");
    assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
    type_in(&mut dialog, "b");
    assert!(matches!(press(&mut dialog, "esc"), Reply::Stay));
    assert!(screen(&dialog, 80, 24).contains("esc again"));
    assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
    press(&mut dialog, "left esc left");
    assert!(matches!(press(&mut dialog, "esc"), Reply::Stay));
}

#[test]
fn long_texts_say_where_the_cursor_is() {
    let mut dialog = editor(&"word ".repeat(1_086));
    press(&mut dialog, "home");
    for _ in 0..9 {
        press(&mut dialog, "down");
    }
    for (width, height) in [(40, 12), (60, 20), (80, 24), (160, 50)] {
        let shown = screen(&dialog, width, height);
        assert!(shown.contains("of 5,430"), "{shown}");
        assert!(shown.contains("shows the diff"), "{shown}");
    }
}

#[test]
fn no_size_panics() {
    for text in ["", "one", "a\nb", &"日本 word ".repeat(200)] {
        let mut dialog = editor(text);
        for (width, height) in (1..12).flat_map(|width| (1..9).map(move |height| (width, height))) {
            dialog.key(
                KeyEvent::from(KeyCode::Up),
                &crate::tui::keymap::Keymap::default(),
                Rect::new(0, 0, width, height),
            );
            dialog.click((1, 1), false, &crate::tui::keymap::Keymap::default(), Rect::new(0, 0, width, height));
            dialog.wheel(3, &crate::tui::keymap::Keymap::default(), Rect::new(0, 0, width, height));
            screen(&dialog, width, height);
        }
    }
}
