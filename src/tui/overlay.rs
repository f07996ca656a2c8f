//! Dialogs above the panes; only the top one gets keys.

mod choose;
mod confirm;
mod conflict;
mod diff;
mod draft;
mod editor;
mod form;
mod help;
mod input;
mod message;
mod palette;
mod plan;
#[cfg(test)]
mod sketch;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::action::{Action, Move};
use super::keymap::{Key, Keymap};
use super::pane::{About, Context, FieldValue, PaneId};
use super::text;
use super::theme::Theme;
use crate::model::track::plan::Plan;
use crate::op::Operation;
use crate::workbench::Request;

pub use choose::Choose;
pub use confirm::Confirm;
pub use conflict::ConflictDialog;
pub use diff::Diff;
pub use editor::FieldEditor;
pub use form::Form;
pub use help::Help;
pub use input::Input;
pub use message::Message;
pub use palette::PaletteDialog;
pub use plan::PlanReview;

/// A dialog.
#[derive(Debug)]
pub enum Overlay {
    /// The keys.
    Help(Help),
    /// Choose an action by name.
    Palette(PaletteDialog),
    /// Type a line.
    Input(Box<Input>),
    /// Edit one text.
    Editor(Box<FieldEditor>),
    /// Fill in several fields.
    Form(Box<Form>),
    /// Choose one of several.
    Choose(Box<Choose>),
    /// Have something done that is shown.
    Confirm(Box<Confirm>),
    /// See what would be written, and have it written.
    Diff(Box<Diff>),
    /// Review what the pipeline would change.
    Plan(Box<PlanReview>),
    /// Decide a conflict.
    Conflict(ConflictDialog),
    /// Read something.
    Message(Message),
    /// Leave although a draft is open?
    Leave,
}

/// What a dialog wants after a key.
#[derive(Debug)]
pub enum Reply {
    /// Nothing.
    Stay,
    /// To be closed.
    Close,
    /// To be closed, and this done.
    Act(Action),
    /// To be closed, and the pane shown where this means something, with its key.
    Elsewhere(Context, Action),
    /// The answer to a question or a choice; to be closed, unless another dialog opens above it.
    Answer {
        /// Who asked.
        pane: PaneId,
        /// About what.
        about: About,
        /// The answer.
        text: String,
    },
    /// A text was edited; the dialog stays until it is written.
    Edited {
        /// Who asked.
        pane: PaneId,
        /// About what.
        about: About,
        /// The new text.
        text: String,
    },
    /// A form was filled in; the dialog stays until it is written.
    Filled {
        /// Who asked.
        pane: PaneId,
        /// About what.
        about: About,
        /// Each field's key with its value.
        values: Vec<(String, FieldValue)>,
    },
    /// What the diff shows is to be written.
    Commit(Request),
    /// To be closed, and this written over what others wrote.
    Write(Operation),
    /// To be closed; others keep what they wrote.
    KeepTheirs,
    /// This part of the pipeline's plan is to be carried out, once that is confirmed.
    Apply(Plan),
    /// To be closed, and the pipeline asked for another plan.
    PlanAnew,
    /// To be put aside.
    Later,
    /// To leave the cockpit.
    Quit,
}

impl Overlay {
    /// A key for the top dialog. `screen` is the whole terminal.
    pub fn key(&mut self, key: KeyEvent, keymap: &Keymap, screen: Rect) -> Reply {
        match self {
            Overlay::Help(help) => help.key(key, keymap, screen),
            Overlay::Palette(palette) => palette.key(key, keymap),
            Overlay::Input(input) => input.key(key, screen),
            Overlay::Editor(editor) => editor.key(key, screen),
            Overlay::Form(form) => form.key(key, screen),
            Overlay::Choose(choose) => choose.key(key),
            Overlay::Confirm(confirm) => confirm.key(key, keymap, screen),
            Overlay::Diff(diff) => diff.key(key, keymap, screen),
            Overlay::Plan(plan) => plan.key(key, keymap, screen),
            Overlay::Conflict(dialog) => dialog.key(key, keymap, screen),
            Overlay::Message(message) => message.key(key, keymap, screen),
            Overlay::Leave => match key.code {
                KeyCode::Char('y') => Reply::Quit,
                KeyCode::Char('n') | KeyCode::Esc => Reply::Close,
                _ => Reply::Stay,
            },
        }
    }

    /// Pasted text, as the terminal gave it.
    pub fn paste(&mut self, pasted: &str, screen: Rect) {
        match self {
            Overlay::Input(input) => input.paste(pasted, screen),
            Overlay::Palette(palette) => palette.paste(pasted),
            Overlay::Editor(editor) => editor.paste(pasted, screen),
            Overlay::Form(form) => form.paste(pasted, screen),
            Overlay::Choose(choose) => choose.paste(pasted),
            Overlay::Confirm(_)
            | Overlay::Diff(_)
            | Overlay::Plan(_)
            | Overlay::Help(_)
            | Overlay::Conflict(_)
            | Overlay::Message(_)
            | Overlay::Leave => {}
        }
    }

    /// The wheel.
    pub fn wheel(&mut self, lines: i32, keymap: &Keymap, screen: Rect) {
        match self {
            Overlay::Help(help) => help.scroll(i64::from(lines), keymap, screen),
            Overlay::Message(message) => message.scroll(i64::from(lines), screen),
            Overlay::Conflict(dialog) => dialog.scroll(i64::from(lines), screen),
            Overlay::Palette(palette) => palette.step(i64::from(lines.signum())),
            Overlay::Editor(editor) => editor.scroll(i64::from(lines), screen),
            Overlay::Form(form) => form.scroll(i64::from(lines), screen),
            Overlay::Choose(choose) => choose.step(i64::from(lines.signum())),
            Overlay::Confirm(confirm) => confirm.scroll(i64::from(lines), screen),
            Overlay::Diff(diff) => diff.scroll(i64::from(lines), screen),
            Overlay::Plan(plan) => plan.step(i64::from(lines), screen),
            Overlay::Input(_) | Overlay::Leave => {}
        }
    }

    /// A left click at this place of the screen; `double` when it hit the same cell as the one before: then what was
    /// chosen is taken.
    pub fn click(&mut self, (column, row): (u16, u16), double: bool, keymap: &Keymap, screen: Rect) -> Reply {
        let enter = KeyEvent::from(KeyCode::Enter);
        match self {
            Overlay::Form(form) => form.click(column, row, screen),
            Overlay::Choose(choose) => {
                if choose.click(column, row, screen) && double {
                    return choose.key(enter);
                }
            }
            Overlay::Palette(palette) => {
                if palette.click(column, row, keymap, screen) && double {
                    return palette.key(enter, keymap);
                }
            }
            Overlay::Editor(editor) => editor.click(column, row, screen),
            Overlay::Input(input) => input.click(column, row, screen),
            Overlay::Help(_)
            | Overlay::Confirm(_)
            | Overlay::Diff(_)
            | Overlay::Plan(_)
            | Overlay::Conflict(_)
            | Overlay::Message(_)
            | Overlay::Leave => {}
        }
        Reply::Stay
    }

    /// Whether the dialog is a step on the way to a write: it closes when that is done, and comes back when it is not.
    pub fn is_draft(&self) -> bool {
        match self {
            Overlay::Input(_)
            | Overlay::Editor(_)
            | Overlay::Form(_)
            | Overlay::Choose(_)
            | Overlay::Confirm(_)
            | Overlay::Plan(_) => true,
            Overlay::Help(_)
            | Overlay::Palette(_)
            | Overlay::Diff(_)
            | Overlay::Conflict(_)
            | Overlay::Message(_)
            | Overlay::Leave => false,
        }
    }

    /// Whether something was typed that leaving would lose.
    pub fn has_draft(&self) -> bool {
        match self {
            Overlay::Input(input) => input.has_draft(),
            Overlay::Editor(editor) => editor.has_draft(),
            Overlay::Form(form) => form.has_draft(),
            Overlay::Help(_)
            | Overlay::Palette(_)
            | Overlay::Choose(_)
            | Overlay::Confirm(_)
            | Overlay::Diff(_)
            | Overlay::Plan(_)
            | Overlay::Conflict(_)
            | Overlay::Message(_)
            | Overlay::Leave => false,
        }
    }

    /// Whether the dialog can say so much and still show what it is about.
    pub fn has_room_for(&self, why: &str, screen: Rect) -> bool {
        match self {
            Overlay::Editor(_) | Overlay::Form(_) | Overlay::Input(_) => {
                let lines = text::wrap(why, usize::from(screen.width.min(90).saturating_sub(4)));
                lines.len() + 5 <= usize::from(stage(screen).height)
            }
            // They say nothing themselves.
            Overlay::Choose(_)
            | Overlay::Confirm(_)
            | Overlay::Help(_)
            | Overlay::Palette(_)
            | Overlay::Diff(_)
            | Overlay::Plan(_)
            | Overlay::Conflict(_)
            | Overlay::Message(_)
            | Overlay::Leave => true,
        }
    }

    /// What was handed in is refused, and why: shown in the dialog until the next key.
    pub fn refuse(&mut self, why: &str) {
        match self {
            Overlay::Editor(editor) => editor.refuse(why),
            Overlay::Form(form) => form.refuse(why),
            Overlay::Input(input) => input.refuse(why),
            // The status line says it.
            Overlay::Choose(_)
            | Overlay::Confirm(_)
            | Overlay::Help(_)
            | Overlay::Palette(_)
            | Overlay::Diff(_)
            | Overlay::Plan(_)
            | Overlay::Conflict(_)
            | Overlay::Message(_)
            | Overlay::Leave => {}
        }
    }

    /// The keys that the dialog knows now: key and word.
    pub fn footer(&self, keymap: &Keymap, screen: Rect) -> Vec<(String, String)> {
        let known: &[(&str, &str)] = match self {
            Overlay::Help(_) => &[("j/k", "scroll"), ("/", "find"), ("esc", "close")],
            Overlay::Message(_) => &[("j/k", "scroll"), ("esc", "close")],
            Overlay::Palette(_) => &[("up/down", "choose"), ("enter", "do it"), ("esc", "close")],
            Overlay::Input(_) => &[("enter", "take it"), ("ctrl-u", "clear"), ("esc", "cancel")],
            Overlay::Editor(editor) => editor.footer(),
            Overlay::Form(form) => return form.footer(),
            Overlay::Choose(_) => &[("up/down", "choose"), ("enter", "take it"), ("esc", "close")],
            Overlay::Confirm(confirm) => return confirm.footer(screen),
            Overlay::Diff(diff) => return diff.footer(),
            Overlay::Plan(plan) => return plan.footer(),
            Overlay::Leave => &[("y", "leave, lose the draft"), ("n", "stay")],
            Overlay::Conflict(dialog) => {
                let mut keys: Vec<(String, String)> = keymap
                    .rows()
                    .filter(|(row, _)| row.context == Context::Conflict)
                    .filter_map(|(row, keys)| Some((keys.first()?.to_string(), row.help.to_owned())))
                    .collect();
                keys.push(("esc".to_owned(), dialog.escape().to_owned()));
                return keys;
            }
        };
        known.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect()
    }

    /// Paints the dialog over the screen.
    pub fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme, keymap: &Keymap) {
        match self {
            Overlay::Help(help) => help.draw(screen, buf, theme, keymap),
            Overlay::Palette(palette) => palette.draw(screen, buf, theme, keymap),
            Overlay::Input(input) => input.draw(screen, buf, theme),
            Overlay::Editor(editor) => editor.draw(screen, buf, theme),
            Overlay::Form(form) => form.draw(screen, buf, theme),
            Overlay::Choose(choose) => choose.draw(screen, buf, theme),
            Overlay::Confirm(confirm) => confirm.draw(screen, buf, theme),
            Overlay::Diff(diff) => diff.draw(screen, buf, theme),
            Overlay::Plan(plan) => plan.draw(screen, buf, theme),
            Overlay::Conflict(dialog) => dialog.draw(screen, buf, theme),
            Overlay::Message(message) => message.draw(screen, buf, theme),
            Overlay::Leave => {
                let inner = window(screen, 46, 4, "Leave?", buf, theme);
                put_lines(buf, inner, 0, &["What you typed is not written.", "y leaves and loses it, n stays."], theme);
            }
        }
    }
}

/// Scroll offset after a movement key over `len` lines in a window of `height`; none when it is no movement.
fn scrolled(top: usize, key: KeyEvent, keymap: &Keymap, len: usize, height: u16) -> Option<usize> {
    let Some(Action::Move(to)) = keymap.own(Context::Everywhere, Key::from(key)) else { return None };
    let page = i64::from(height.max(1));
    let lines = match to {
        Move::Up => -1,
        Move::Down => 1,
        Move::PageUp => -page,
        Move::PageDown => page,
        Move::HalfUp => -(page / 2).max(1),
        Move::HalfDown => (page / 2).max(1),
        Move::First => i64::MIN,
        Move::Last => i64::MAX,
        Move::Left | Move::Right => 0,
    };
    Some(scrolled_by(top, lines, len, height))
}

fn scrolled_by(top: usize, lines: i64, len: usize, height: u16) -> usize {
    let last = len.saturating_sub(usize::from(height));
    let top = i64::try_from(top).unwrap_or(i64::MAX).saturating_add(lines).max(0);
    usize::try_from(top).unwrap_or(usize::MAX).min(last)
}

/// Where a dialog of this size (with border) lies on the screen: in the middle, cut to the screen.
fn place(screen: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(screen.width);
    let height = height.min(screen.height);
    Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 2, width, height }
}

fn inside(outer: Rect) -> Rect {
    if outer.width < 4 || outer.height < 3 {
        return outer;
    }
    Rect { x: outer.x + 2, y: outer.y + 1, width: outer.width - 4, height: outer.height - 2 }
}

/// Clears and frames a dialog; returns its inside.
fn window(screen: Rect, width: u16, height: u16, title: &str, buf: &mut Buffer, theme: &Theme) -> Rect {
    let outer = place(screen, width, height);
    for y in outer.y..outer.bottom() {
        for x in outer.x..outer.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
    let inner = inside(outer);
    if inner == outer {
        return inner;
    }
    let set = theme.symbols.border;
    let style = theme.border_focused;
    let (right, bottom) = (outer.right() - 1, outer.bottom() - 1);
    let line = |left: &str, middle: &str, right: &str| {
        format!("{left}{}{right}", middle.repeat(usize::from(outer.width.saturating_sub(2))))
    };
    text::put(buf, outer.x, outer.y, outer.width, &line(set.top_left, set.horizontal_top, set.top_right), style);
    text::put(
        buf,
        outer.x,
        bottom,
        outer.width,
        &line(set.bottom_left, set.horizontal_bottom, set.bottom_right),
        style,
    );
    for y in outer.y + 1..bottom {
        text::put(buf, outer.x, y, 1, set.vertical_left, style);
        text::put(buf, right, y, 1, set.vertical_right, style);
    }
    text::put(buf, outer.x + 2, outer.y, outer.width.saturating_sub(4), &format!(" {title} "), style);
    inner
}

/// The part of the screen that dialogs of an edit may cover: the footer says what came of a write.
fn stage(screen: Rect) -> Rect {
    let footer = u16::from(screen.height > 5);
    Rect { height: screen.height - footer, ..screen }
}

/// A word on the right of a dialog's upper or lower border, where it has room beside the title.
fn note_on(buf: &mut Buffer, outer: Rect, y: u16, title: &str, note: &str, theme: &Theme) {
    let note = format!(" {note} ");
    let wide = text::width(&note);
    if wide + text::width(&text::clean(title)) + 8 > usize::from(outer.width) || outer.height < 3 {
        return;
    }
    text::put(buf, outer.right() - 2 - wide as u16, y, wide as u16, &note, theme.border_focused);
}

/// On a dialog's lower border: which of its lines show, where not all do.
fn note_lines(buf: &mut Buffer, outer: Rect, top: usize, height: usize, lines: usize, theme: &Theme) {
    if lines > height && height > 0 {
        let at = format!("lines {}-{} of {lines}", top + 1, (top + height).min(lines));
        note_on(buf, outer, outer.bottom().saturating_sub(1), "", &at, theme);
    }
}

/// On a dialog's lower border: which of its choices is selected, where not all of them show.
fn note_choice(buf: &mut Buffer, outer: Rect, at: usize, height: usize, choices: usize, theme: &Theme) {
    if choices > height {
        note_on(buf, outer, outer.bottom().saturating_sub(1), "", &format!("{} of {choices}", at + 1), theme);
    }
}

/// Lines with a kind each, and how a kind looks.
fn put_wrapped<K: Copy>(buf: &mut Buffer, area: Rect, lines: &[(String, K)], style: impl Fn(K) -> Style) {
    for (y, (line, kind)) in (area.y..area.bottom()).zip(lines) {
        put_line(buf, area, y, line, style(*kind));
    }
}

fn put_lines(buf: &mut Buffer, inner: Rect, top: usize, lines: &[impl AsRef<str>], theme: &Theme) {
    for (y, line) in (inner.y..inner.bottom()).zip(lines.iter().skip(top)) {
        put_line(buf, inner, y, line.as_ref(), theme.text);
    }
}

fn put_line(buf: &mut Buffer, inner: Rect, y: u16, line: &str, style: Style) -> u16 {
    text::put(buf, inner.x, y, inner.width, line, style)
}
