//! A text that is being typed: the text area of a library keeps lines, cursor and undo; wrapping and painting are done
//! here, because what stands in a document must be made visible on its way to the screen and stay as it is in the text.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use tui_textarea::{CursorMove, DataCursor, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use crate::tui::text;

/// Steps that can be taken back.
const UNDO: usize = 1_000;

/// The text.
#[derive(Debug)]
pub(super) struct Draft {
    area: TextArea<'static>,
    start: String,
    /// How the lines of the text end: those of a quoted field may end as the file's do.
    ending: &'static str,
    /// First screen row that is shown, when the operator scrolled; else the cursor decides.
    top: usize,
    scrolled: bool,
    /// Column that going up and down keeps to.
    goal: Option<usize>,
}

/// One screen row: these characters of that line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    line: usize,
    chars: Range<usize>,
}

/// What is shown for one cluster of characters.
struct Cell<'a> {
    /// Its first character, counted in the line.
    at: usize,
    chars: usize,
    shown: std::borrow::Cow<'a, str>,
    columns: usize,
}

fn cells(line: &str) -> impl Iterator<Item = Cell<'_>> {
    let mut at = 0;
    line.graphemes(true).map(move |cluster| {
        let shown = text::clean(cluster);
        let chars = cluster.chars().count();
        let cell = Cell { at, chars, columns: text::width(&shown), shown };
        at += chars;
        cell
    })
}

impl Draft {
    /// A draft that starts with this text, the cursor at its end.
    pub(super) fn new(text: &str) -> Draft {
        let breaks = text.matches('\n').count();
        let ending = if breaks > 0 && text.matches("\r\n").count() == breaks { "\r\n" } else { "\n" };
        let mut area = TextArea::new(text.split(ending).map(str::to_owned).collect());
        area.set_max_histories(UNDO);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Draft { area, start: text.to_owned(), ending, top: 0, scrolled: false, goal: None }
    }

    /// The text as it stands.
    pub(super) fn text(&self) -> String {
        self.area.lines().join(self.ending)
    }

    /// Whether it differs from what it started with.
    pub(super) fn is_changed(&self) -> bool {
        self.text() != self.start
    }

    /// Whether it has several lines.
    pub(super) fn is_long(&self) -> bool {
        self.area.lines().len() > 1
    }

    /// Line and column of the cursor and the number of columns of its line, counted from 1, in characters; and the
    /// number of lines.
    pub(super) fn position(&self) -> (usize, usize, usize, usize) {
        let DataCursor(line, column) = self.area.cursor();
        let length = self.area.lines().get(line).map_or(0, |line| line.chars().count());
        (line + 1, column + 1, length, self.area.lines().len())
    }

    /// A key for the text; false when it means nothing here. Enter, Tab and Esc are the dialog's.
    pub(super) fn key(&mut self, key: KeyEvent, columns: u16) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let word = control || alt;
        let goal = self.goal.take();
        match key.code {
            KeyCode::Left if word => self.area.move_cursor(CursorMove::WordBack),
            KeyCode::Left => self.area.move_cursor(CursorMove::Back),
            KeyCode::Right if word => self.area.move_cursor(CursorMove::WordForward),
            KeyCode::Right => self.area.move_cursor(CursorMove::Forward),
            KeyCode::Home if word => {
                self.area.move_cursor(CursorMove::Top);
                self.area.move_cursor(CursorMove::Head);
            }
            KeyCode::End if word => {
                self.area.move_cursor(CursorMove::Bottom);
                self.area.move_cursor(CursorMove::End);
            }
            KeyCode::Home => self.area.move_cursor(CursorMove::Head),
            KeyCode::End => self.area.move_cursor(CursorMove::End),
            KeyCode::Up => self.climb(-1, goal, columns),
            KeyCode::Down => self.climb(1, goal, columns),
            KeyCode::PageUp => self.climb(-8, goal, columns),
            KeyCode::PageDown => self.climb(8, goal, columns),
            KeyCode::Char('a') if control => self.area.move_cursor(CursorMove::Head),
            KeyCode::Char('e') if control => self.area.move_cursor(CursorMove::End),
            KeyCode::Char('u') if control => {
                self.area.delete_line_by_head();
            }
            KeyCode::Char('k') if control => {
                self.area.delete_line_by_end();
            }
            KeyCode::Char('w') if control => {
                self.area.delete_word();
            }
            KeyCode::Backspace if word => {
                self.area.delete_word();
            }
            // Terminals send these for ctrl-_ and ctrl-/, which editors take back with.
            KeyCode::Char('_' | '/' | '7') if control => {
                self.area.undo();
            }
            KeyCode::Char('u') if alt => {
                self.area.undo();
            }
            KeyCode::Char('r') if alt => {
                self.area.redo();
            }
            KeyCode::Char('h') if control => {
                self.area.delete_char();
            }
            KeyCode::Backspace => {
                self.area.delete_char();
            }
            KeyCode::Delete => {
                self.area.delete_next_char();
            }
            // Everything that cannot be seen is left out.
            KeyCode::Char(c) if !word && !text::is_bad(c) => self.area.insert_char(c),
            _ => {
                self.goal = goal;
                return false;
            }
        }
        self.scrolled = false;
        true
    }

    /// Breaks the line at the cursor.
    pub(super) fn break_line(&mut self) {
        self.area.insert_newline();
        (self.scrolled, self.goal) = (false, None);
    }

    /// Inserts text at the cursor, its line breaks kept.
    pub(super) fn insert(&mut self, text: &str) {
        self.area.insert_str(text);
        (self.scrolled, self.goal) = (false, None);
    }

    /// Screen rows that the text takes.
    pub(super) fn height(&self, columns: u16) -> usize {
        self.rows(columns).len()
    }

    /// The screen rows; the last column stays free for the cursor behind the text.
    fn rows(&self, columns: u16) -> Vec<Row> {
        let room = usize::from(columns).saturating_sub(1).max(1);
        let mut rows = Vec::new();
        for (line, text) in self.area.lines().iter().enumerate() {
            let mut from = 0;
            let mut used = 0;
            // Behind the last blank: the next row may begin there, and so much is used up to it.
            let mut gap: Option<(usize, usize)> = None;
            let mut end = 0;
            for cell in cells(text) {
                if used + cell.columns > room && cell.at > from {
                    let (next, before) = gap.take().filter(|&(next, _)| next > from).unwrap_or((cell.at, used));
                    rows.push(Row { line, chars: from..next });
                    from = next;
                    used -= before;
                }
                used += cell.columns;
                end = cell.at + cell.chars;
                if cell.shown == " " {
                    gap = Some((end, used));
                }
            }
            rows.push(Row { line, chars: from..end });
        }
        rows
    }

    /// The screen row of the cursor, and its column there.
    fn cursor(&self, rows: &[Row]) -> (usize, usize) {
        let DataCursor(line, column) = self.area.cursor();
        let row = rows.iter().rposition(|row| row.line == line && row.chars.start <= column).unwrap_or(0);
        let Some(at) = rows.get(row) else { return (0, 0) };
        let before = cells(&self.area.lines()[line]).filter(|cell| cell.at >= at.chars.start && cell.at < column);
        (row, before.map(|cell| cell.columns).sum())
    }

    /// Goes up or down by screen rows.
    fn climb(&mut self, by: i64, goal: Option<usize>, columns: u16) {
        let rows = self.rows(columns);
        let (row, column) = self.cursor(&rows);
        let column = goal.unwrap_or(column);
        let to = i64::try_from(row).unwrap_or(0).saturating_add(by).clamp(0, rows.len() as i64 - 1);
        self.put(&rows[to as usize], column);
        self.goal = Some(column);
    }

    /// Puts the cursor into a screen row.
    fn put(&mut self, row: &Row, column: usize) {
        let mut used = 0;
        let mut at = row.chars.start;
        for cell in cells(&self.area.lines()[row.line]).filter(|cell| row.chars.contains(&cell.at)) {
            used += cell.columns;
            if used > column {
                break;
            }
            // The end of a row that goes on is the start of the next one.
            let last = cell.at + cell.chars == row.chars.end;
            let goes_on = row.chars.end < self.area.lines()[row.line].chars().count();
            at = if last && goes_on { cell.at } else { cell.at + cell.chars };
        }
        self.jump(row.line, at);
    }

    fn jump(&mut self, line: usize, column: usize) {
        // The library counts places in 16 bits: what lies farther is reached by End and from there.
        let near = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(near(line), near(column)));
    }

    /// A click into the area in which the text is shown.
    pub(super) fn click(&mut self, column: u16, row: u16, area: Rect) {
        let rows = self.rows(area.width);
        let at = self.top(&rows, area.height) + usize::from(row.saturating_sub(area.y));
        if let Some(row) = rows.get(at.min(rows.len().saturating_sub(1))) {
            self.put(row, usize::from(column.saturating_sub(area.x)));
        }
        self.goal = None;
    }

    /// The wheel.
    pub(super) fn scroll(&mut self, by: i64, area: Rect) {
        let rows = self.rows(area.width);
        self.top = super::scrolled_by(self.top(&rows, area.height), by, rows.len(), area.height);
        self.scrolled = true;
    }

    /// The first screen row that is shown.
    fn top(&self, rows: &[Row], height: u16) -> usize {
        let height = usize::from(height.max(1));
        let last = rows.len().saturating_sub(height);
        if self.scrolled {
            return self.top.min(last);
        }
        let at = self.cursor(rows).0;
        self.top.clamp((at + 1).saturating_sub(height), at).min(last)
    }

    /// Keeps in mind what is shown, so that the text does not move under the cursor.
    pub(super) fn settle(&mut self, columns: u16, height: u16) {
        self.top = self.top(&self.rows(columns), height);
    }

    /// Paints the text, and the cursor as one cell in reverse.
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, style: Style, cursor: bool) {
        if area.is_empty() {
            return;
        }
        let rows = self.rows(area.width);
        let top = self.top(&rows, area.height);
        for (y, row) in (area.y..area.bottom()).zip(rows.iter().skip(top)) {
            let mut shown = String::new();
            for cell in cells(&self.area.lines()[row.line]).filter(|cell| row.chars.contains(&cell.at)) {
                shown.push_str(&cell.shown);
            }
            text::put(buf, area.x, y, area.width, &shown, style);
        }
        let (row, column) = self.cursor(&rows);
        let Some(below) = row.checked_sub(top).filter(|below| cursor && *below < usize::from(area.height)) else {
            return;
        };
        let x = area.x + u16::try_from(column).unwrap_or(u16::MAX).min(area.width - 1);
        if let Some(cell) = buf.cell_mut((x, area.y + below as u16)) {
            cell.modifier.insert(Modifier::REVERSED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn press(draft: &mut Draft, keys: &str, columns: u16) {
        for key in keys.split(' ') {
            let key: crate::tui::keymap::Key = key.parse().unwrap();
            draft.key(key.into(), columns);
        }
    }

    fn shown(draft: &Draft, width: u16, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        draft.draw(area, &mut buf, Style::new(), true);
        let cell = |x, y| {
            let cell = &buf[(x, y)];
            if cell.modifier.contains(Modifier::REVERSED) { "▏".to_owned() } else { cell.symbol().to_owned() }
        };
        (0..height).map(|y| (0..width).map(|x| cell(x, y)).collect::<String>().trim_end().to_owned()).collect()
    }

    #[test]
    fn wraps_and_moves_by_screen_rows() {
        let mut draft = Draft::new("alpha beta gamma\ndelta");
        assert_eq!(shown(&draft, 12, 4), ["alpha beta", "gamma", "delta▏", ""]);
        press(&mut draft, "up up", 12);
        assert_eq!(shown(&draft, 12, 4), ["alpha▏beta", "gamma", "delta", ""]);
        press(&mut draft, "end backspace alt-left ctrl-w", 12);
        assert_eq!(draft.text(), "alpha gamm\ndelta");
        press(&mut draft, "alt-u alt-u", 12);
        assert_eq!(draft.text(), "alpha beta gamma\ndelta");
        press(&mut draft, "alt-r", 12);
        assert_eq!(draft.text(), "alpha beta gamm\ndelta");
    }

    #[test]
    fn what_cannot_be_seen_is_shown_and_kept() {
        let mut draft = Draft::new("a\u{202e}b\tc");
        assert_eq!(shown(&draft, 20, 1), ["a⟨202E⟩b    c▏"]);
        press(&mut draft, "left left left backspace", 20);
        assert_eq!(draft.text(), "ab\tc");
        press(&mut draft, "x", 20);
        assert_eq!(shown(&draft, 20, 1), ["ax▏    c"]);
    }

    #[test]
    fn line_breaks_stay_as_they_are() {
        for text in ["a\r\nb\r\n", "a\nb", "a\r\nb\nc", "", "\n", "a\rb"] {
            let draft = Draft::new(text);
            assert_eq!(draft.text(), text);
            assert!(!draft.is_changed());
        }
        let mut draft = Draft::new("a\r\nb");
        draft.break_line();
        draft.insert("c\nd");
        assert_eq!(draft.text(), "a\r\nb\r\nc\r\nd");
    }

    #[test]
    fn long_lines_are_walked_by_rows() {
        let mut draft = Draft::new(&"word ".repeat(2_000));
        press(&mut draft, "end up", 80);
        assert!(draft.position().1 > 9_800);
        press(&mut draft, "home down", 80);
        assert_eq!(draft.position(), (1, 76, 10_000, 1));
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_on_the_screen(
            text in "[a-zé日\u{202e}\u{301} \n\t]{0,60}", keys in proptest::collection::vec(0usize..8, 0..20),
            columns in 1u16..12, height in 1u16..5,
        ) {
            let mut draft = Draft::new(&text);
            for key in keys {
                let names = ["up", "down", "left", "right", "home", "end", "pageup", "x"];
                press(&mut draft, names[key], columns);
                draft.settle(columns, height);
                let area = Rect::new(0, 0, columns, height);
                let mut buf = Buffer::empty(area);
                draft.draw(area, &mut buf, Style::new(), true);
                let cursors = buf.content().iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
                prop_assert_eq!(cursors, 1);
            }
        }
    }
}
