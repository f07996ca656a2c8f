//! `[ui]`: how the cockpit looks, and the operator's own programs.

use clap::ValueEnum;
use serde::Deserialize;

use super::{OneOrMore, names};

/// Which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Palette {
    /// By `COLORFGBG` where it is set, else colours that can be read on light and on dark.
    #[default]
    Auto,
    /// For a light background.
    Light,
    /// For a dark background.
    Dark,
    /// Bright colours on a black background of its own.
    HighContrast,
    /// No colours.
    Mono,
}

/// `[ui]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ui {
    /// Which colours.
    pub theme: Palette,
    /// Plain ASCII borders and marks.
    pub ascii: bool,
    /// Whether clicks and the wheel are the cockpit's.
    pub mouse: bool,
    /// The operator's editor with its arguments; empty for `$VISUAL` or `$EDITOR`.
    pub editor: Vec<String>,
    /// The program that takes text for the clipboard on its standard input; empty for the terminal (OSC 52).
    pub clipboard: Vec<String>,
}

super::layered!(UiFile { theme: Palette, ascii: bool, mouse: bool, editor: OneOrMore, clipboard: OneOrMore });

impl Ui {
    pub(super) fn of(file: UiFile) -> Ui {
        Ui {
            theme: file.theme.unwrap_or_default(),
            ascii: file.ascii.unwrap_or_default(),
            mouse: file.mouse.unwrap_or(true),
            editor: names(file.editor),
            clipboard: names(file.clipboard),
        }
    }
}
